"""Runs a command in this process, and says what is wrong with how it ended."""

import io
import re
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from dryfit.cli import main

SLOW_S = 10.0
USUAL = (0, 1, 2, 3)


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes:
        status: its exit status; ``None`` where an exception left it.
        seconds: of this process' own time, which others' work does not lengthen.
    """

    arguments: tuple[str, ...]
    status: int | None
    out: str
    said: str
    seconds: float


def run(arguments: Sequence[str]) -> Ended:
    """Run a command; what it prints is encoded as a terminal's is."""
    out, said = (io.TextIOWrapper(io.BytesIO(), "utf-8", "strict") for _ in range(2))
    said.reconfigure(errors="backslashreplace")  # as Python's stderr
    begun = time.process_time()
    status: int | None = None
    with redirect_stdout(out), redirect_stderr(said):
        try:
            status = main(list(arguments))
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else 1
        except BaseException:
            traceback.print_exc()
    seconds = time.process_time() - begun
    texts = []
    for stream in (out, said):
        try:
            stream.flush()
        except UnicodeEncodeError:
            status = None
        texts.append(stream.buffer.getvalue().decode("utf-8", "replace"))
    return Ended(tuple(arguments), status, texts[0], texts[1], seconds)


def wrong(ended: Ended, file: Path | None = None) -> Iterator[str]:
    """Say what is wrong: a traceback, a status for none of this, no reason, no file, too long.

    Args:
        ended: what came of a command.
        file: what was damaged; a refusal names it.
    """
    if ended.status not in USUAL:
        yield f"status {ended.status}: {_last(ended.said)}"
    elif "Traceback (most recent call last)" in ended.out + ended.said:
        yield f"a traceback: {_last(ended.said or ended.out)}"
    elif ended.status == 2 and not (ended.said + ended.out).strip():
        yield "status 2 without a reason"
    elif ended.status == 2 and file is not None and ended.said:
        yield from (
            f"a refusal that does not begin with a place: {line}"
            for line in ended.said.rstrip("\n").split("\n")
            if not _placed(line, file)
        )
    if ended.seconds > SLOW_S:
        yield f"{ended.seconds:.0f} s"


def _placed(line: str, file: Path) -> bool:
    """Whether a line names a file or the command, or goes on with the line above."""
    return line.startswith(("  ", "usage: ", "dryfit ", "wrote ")) or file.name in line


def _last(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    frames = re.findall(r'File "[^"]*/(dryfit\w*/(?!tests/)[^"]+)", line (\d+)', said)
    where = ":".join(frames[-1]) if frames else ""
    return f"{where} {lines[-1] if lines else ''}"[:300].strip()


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, to see whether one is lost."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def lost(before: dict[str, bytes], after: dict[str, bytes]) -> Iterator[str]:
    """Say which files are gone or have another content."""
    for name, data in before.items():
        if after.get(name) != data:
            yield f"{name} is {'changed' if name in after else 'gone'}"
