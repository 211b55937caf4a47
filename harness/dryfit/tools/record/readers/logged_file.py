"""A file that somebody has, read within bounds: its bytes, and its text if it is one."""

import codecs
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dryfit.scenario.problems import Problem, ScenarioFileError

MAX_BYTES = 100_000_000  # the console of a thousand epochs with progress bars has some ten million

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class LoggedFile:
    """A file of numbers, or a folder of TensorBoard's.

    Attributes:
        path: where it is.
        validation_freq: as in ``fit``: a history does not say which epochs had a validation.
        drop_torn_line: whether to go on without a last line that is cut off.
        curve_column: what a table of many curves names them in.
        epoch_column: what a table counts epochs in.
    """

    path: Path
    validation_freq: int = 1
    drop_torn_line: bool = False
    curve_column: str = "curve"
    epoch_column: str = "epoch"

    @cached_property
    def is_folder(self) -> bool:
        """Whether it is a folder.

        Raises:
            ScenarioFileError: it is not there, or is neither a file nor a folder.
        """
        try:
            if self.path.is_dir():
                return True
            size = self.path.stat().st_size
        except OSError as error:
            raise self.refused(f"cannot be read: {error.strerror}") from None
        if not self.path.is_file():  # a pipe has no end, and some devices have none either
            raise self.refused("is no regular file; write what it gives into one, and name that")
        if size > MAX_BYTES:
            raise self.refused(f"has {size:,} bytes; {MAX_BYTES:,} are read at most")
        return False

    @cached_property
    def data(self) -> bytes:
        """Its bytes; none of a folder."""
        if self.is_folder:
            return b""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise self.refused(f"cannot be read: {error.strerror}") from None

    @cached_property
    def raw_text(self) -> str:
        """Its text, line ends as they are: a progress bar's carriage returns have a meaning.

        Raises:
            ScenarioFileError: it is empty, or no text.
        """
        try:
            text = self.data.decode(_encoding(self.data))
        except UnicodeDecodeError as error:
            found = f"byte 0x{error.object[error.start]:02x}"
            raise self.refused(f"is not {error.encoding.upper()}: {found}") from None
        if not text.strip():
            raise self.refused("the file is empty")
        if "\0" in text:
            line = text.count("\n", 0, text.index("\0")) + 1
            raise self.refused("is a binary file, not text", line)
        return text

    @cached_property
    def text(self) -> str:
        r"""Its text with ``\n`` alone at the end of a line; Windows writes some twice."""
        return re.sub(r"\r+\n|\r", "\n", self.raw_text)

    def refused(self, message: str, line: int | None = None) -> ScenarioFileError:
        """Make the error that says what is wrong, on a line or with the file."""
        return ScenarioFileError([Problem(self.path, line or 1, "", message, whole=line is None)])


def _encoding(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    if data[1:2] == b"\0" and data[:1] != b"\0":  # PowerShell's, without its mark
        return "utf-16-le"
    return "utf-8"
