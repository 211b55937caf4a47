"""What callbacks print and warn while a run plays, with who did it."""

import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
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
    out, err = _Tee(sys.stdout, recorder), _Tee(sys.stderr, recorder)
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
        for warning in issued:
            _issue_again(warning)


def _issue_again(warning: warnings.WarningMessage) -> None:
    """Show a warning, or not, as the caller's own filters say of the place it comes from."""
    modules = [m for m in sys.modules.values() if getattr(m, "__file__", "") == warning.filename]
    name = modules[0].__name__ if modules else None
    registry = modules[0].__dict__.setdefault("__warningregistry__", {}) if modules else None
    warnings.warn_explicit(
        warning.message,
        warning.category,
        warning.filename,
        warning.lineno,
        module=name,
        registry=registry,
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


@contextmanager
def warnings_as_errors() -> Iterator[None]:
    """Make warnings exceptions, but for those that Python keeps from users."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for category in _QUIET:
            warnings.simplefilter("ignore", category)
        yield


class _Tee:
    """A stream that hands on what is written, and notes lines by who began them."""

    def __init__(self, stream: TextIO, recorder: Recorder) -> None:
        self._stream, self._recorder = stream, recorder
        self._line, self._begun_at = "", recorder.place

    def write(self, text: str) -> int:
        if self._recorder is not None:
            self._take(text, self._recorder)
        return self._stream.write(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def finish(self) -> None:
        """Note what is left, and nothing from here on: somebody may keep the stream."""
        if self._recorder is not None and self._line:
            self._recorder.note_print(self._line, self._begun_at)
        self._recorder = None  # type: ignore[assignment]

    def _take(self, text: str, recorder: Recorder) -> None:
        place = recorder.place
        if self._line and place != self._begun_at:
            recorder.note_print(self._line, self._begun_at)
            self._line = ""
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            recorder.note_print(line, place)
        self._begun_at = place

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _relative_to(folder: Path) -> Callable[[str], str]:
    prefix = f"{folder.resolve()}/"
    return lambda text: text.replace(prefix, "")
