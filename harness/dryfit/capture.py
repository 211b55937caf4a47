"""What callbacks print and warn while a run plays, with who did it."""

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TextIO

from dryfit.recorder import Recorder
from dryfit_fakes.backend import keras


@contextmanager
def captured(recorder: Recorder, folder: Path) -> Iterator[None]:
    """Note warnings and printed lines; they still go where they would have gone.

    Args:
        folder: the run's folder; paths in it are noted relative to it.
    """
    recorder.relative = _relative_to(folder)
    interactive = keras.config.is_interactive_logging_enabled()
    keras.config.enable_interactive_logging()  # else Keras' prints go to absl's log
    out, err = _Tee(sys.stdout, recorder.note_print), _Tee(sys.stderr, recorder.note_print)
    issued: list[warnings.WarningMessage] = []
    try:
        with (
            redirect_stdout(out),
            redirect_stderr(err),
            _all_warnings(recorder, issued),
        ):
            yield
    finally:
        out.finish()
        err.finish()
        if not interactive:
            keras.config.disable_interactive_logging()
        for warning in issued:  # shown, or not, as the caller's own filters say
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )


# Python itself keeps these from users; whether a caller shows them says nothing
# about the callbacks.
_QUIET = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


@contextmanager
def _all_warnings(recorder: Recorder, issued: list[warnings.WarningMessage]) -> Iterator[None]:
    # Python's default filter shows a warning once per place, so the second epoch
    # would look silent: every filter but "error" becomes "always" for the play.
    def note(message: Any, category: Any, filename: str, lineno: int, *_: Any) -> None:
        if not issubclass(category, _QUIET):
            recorder.note_warning(category.__name__, str(message))
        issued.append(warnings.WarningMessage(message, category, filename, lineno))

    with warnings.catch_warnings():
        warnings.filters[:] = [  # type: ignore[index]
            rule if rule[0] == "error" else ("always", *rule[1:]) for rule in warnings.filters
        ]
        warnings.simplefilter("always", append=True)
        warnings.showwarning = note  # type: ignore[assignment]
        yield


class _Tee:
    """A stream that hands on what is written and notes whole lines."""

    def __init__(self, stream: TextIO, note: Callable[[str], None]) -> None:
        self._stream, self._note, self._line = stream, note, ""

    def write(self, text: str) -> int:
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._note(line)
        return self._stream.write(text)

    def finish(self) -> None:
        if self._line:
            self._note(self._line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _relative_to(folder: Path) -> Callable[[str], str]:
    prefix = f"{folder.resolve()}/"
    return lambda text: text.replace(prefix, "")
