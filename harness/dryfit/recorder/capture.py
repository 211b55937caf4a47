"""What callbacks print and warn while a run plays, with who did it."""

import logging
import sys
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from types import ModuleType
from typing import Any, TextIO

from dryfit.recorder.notes import Notes
from dryfit_fakes.backend import keras
from dryfit_fakes.releases import WARNINGS_ARE_LOGGED

MOST_PRINTED = 1_000_000  # characters of a play and a stream that are noted
_TOO_MUCH = f"(more than {MOST_PRINTED} characters were printed; what follows is left out)"


@contextmanager
def captured(notes: Notes, folder: str) -> Iterator[None]:
    """Note warnings and printed lines; they still go where they would have gone.

    Args:
        folder: the run's, without links; paths in it are noted relative to it.
    """
    notes.relative = _relative_to(folder)
    interactive = keras.config.is_interactive_logging_enabled()
    keras.config.enable_interactive_logging()  # else Keras' prints go to absl's log
    out, err = _Tee(sys.stdout, notes), _Tee(sys.stderr, notes)
    issued: list[warnings.WarningMessage] = []
    handlers = list(logging.root.handlers)
    try:
        with (
            redirect_stdout(out),
            redirect_stderr(err),
            _all_warnings(notes, issued),
            _logged_warnings(notes),
        ):
            yield
    finally:
        # The first thing logged makes a handler, which keeps the stream of its time: the next
        # play would not hear it.
        logging.root.handlers[:] = handlers
        out.finish()
        err.finish()
        if interactive:
            keras.config.enable_interactive_logging()
        else:
            keras.config.disable_interactive_logging()
        _issue_again(issued)


def _issue_again(issued: Iterable[warnings.WarningMessage]) -> None:
    """Show each warning, or not, as the caller's own filters say of the place it comes from."""
    places = _modules_of({warning.filename for warning in issued})
    for warning in issued:
        module = places.get(warning.filename)
        registry = None
        if module is not None:
            registry = module.__dict__.setdefault("__warningregistry__", {})
        warnings.warn_explicit(
            warning.message,
            warning.category,
            warning.filename,
            warning.lineno,
            module=None if module is None else module.__name__,
            registry=registry,
        )


def _modules_of(files: Collection[str]) -> dict[str, ModuleType]:
    """The first module of each file: looked for once, as there are thousands beside TensorFlow."""
    found: dict[str, ModuleType] = {}
    for module in list(sys.modules.values()) if files else ():
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file in files:
            found.setdefault(file, module)
    return found


# Python itself keeps these from users; whether a caller shows them says nothing
# about the callbacks.
_QUIET = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


@contextmanager
def _all_warnings(notes: Notes, issued: list[warnings.WarningMessage]) -> Iterator[None]:
    # Python's default filter shows a warning once per place, so the second epoch
    # would look silent: every filter but "error" becomes "always" for the play.
    def note(message: Any, category: Any, filename: str, lineno: int, *_: Any) -> None:
        if not issubclass(category, _QUIET):
            notes.warned(category.__name__, str(message))
        issued.append(warnings.WarningMessage(message, category, filename, lineno))

    with warnings.catch_warnings():
        warnings.filters[:] = [  # type: ignore[index]
            rule if rule[0] == "error" else ("always", *rule[1:]) for rule in warnings.filters
        ]
        warnings.simplefilter("always", append=True)
        warnings.showwarning = note  # type: ignore[assignment]
        yield


# In TensorFlow's log: slowness is about real time, retracing about how many models there were
# before, and a checkpoint of an earlier play is deleted whenever garbage is collected.
_NOT_OF_A_PLAY = (
    *("Callback method `", "retracing"),
    *("is being deleted with unrestored values", "Value in checkpoint could not be found"),
)


class _LogNotes(logging.Handler):
    """Notes what is warned of in TensorFlow's log."""

    def __init__(self, notes: Notes) -> None:
        super().__init__(logging.WARNING)
        self._notes = notes

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if not any(words in message for words in _NOT_OF_A_PLAY):
            self._notes.warned("tf.logging", message)


@contextmanager
def _logged_warnings(notes: Notes) -> Iterator[None]:
    if not WARNINGS_ARE_LOGGED:
        yield
        return
    handler, log = _LogNotes(notes), logging.getLogger("tensorflow")
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


@contextmanager
def warnings_as_errors() -> Iterator[None]:
    """Make warnings exceptions, but for those that Python keeps from users."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for category in _QUIET:
            warnings.simplefilter("ignore", category)
        yield


class _Tee:
    """A stream that hands on what is written, and notes lines by who began them.

    So many characters and no more: whoever prints without end costs no memory.
    """

    def __init__(self, stream: TextIO, notes: Notes) -> None:
        self._stream, self._notes = stream, notes
        self._line: list[str] = []  # its parts: joined once
        self._begun_at = notes.place
        self._left = MOST_PRINTED
        self.closed = False

    def write(self, text: str) -> int:
        if self._notes is not None:
            self._take(text, self._notes)
        return self._stream.write(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def finish(self) -> None:
        """Note what is left, and nothing from here on: somebody may keep the stream."""
        if self._notes is not None:
            self._end_line(self._notes)
        self._notes = None  # type: ignore[assignment]

    def close(self) -> None:
        """Say so from here on, and stay open: the stream is not the callback's."""
        self.closed = True

    def _take(self, text: str, notes: Notes) -> None:
        if self._left < 0:  # that is said already
            return
        self._left -= len(text)
        if self._left < 0:
            text = f"{text[: max(0, self._left + len(text))]}\n{_TOO_MUCH}\n"
        if self._line and notes.place != self._begun_at:
            self._end_line(notes)
        self._begun_at = notes.place
        first, *others = text.split("\n")
        self._line += [first] if first else []
        for other in others:
            self._end_line(notes, empty=True)
            self._line = [other] if other else []

    def _end_line(self, notes: Notes, *, empty: bool = False) -> None:
        if self._line or empty:
            notes.printed("".join(self._line), self._begun_at)
        self._line = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _relative_to(folder: str) -> Callable[[str], str]:
    prefix = f"{folder}/"
    return lambda text: text.replace(prefix, "")
