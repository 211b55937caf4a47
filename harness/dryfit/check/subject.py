"""Subject: the callback that is checked, and the plays with it."""

import inspect
import linecache
import os
import random
import re
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import (
    AbstractContextManager,
    contextmanager,
    nullcontext,
    redirect_stderr,
    redirect_stdout,
)
from dataclasses import dataclass, field, replace
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from dryfit.check.curves import Curves, script_of
from dryfit.lanes import play
from dryfit.lanes.record import PlayTimeoutError
from dryfit.recording.callbacks import CannotWriteError, Names, describe
from dryfit.run import Run
from dryfit.scenario.alternatives import Item, combinations, read_alternatives
from dryfit.scenario.construct import ACTORS, importable, make_callbacks
from dryfit_fakes.backend import keras

_WALL_TIME_S = 30.0
# What Python raises by itself when code meets a value that it did not think of.
_ACCIDENTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    RecursionError,
    TypeError,
    ValueError,
)
_ADDRESS = re.compile(r" at 0x[0-9a-f]+|\b0x[0-9a-f]{6,}")


@dataclass(frozen=True)
class Played:
    """What came of one call.

    Attributes:
        position: where the callback stands in the list.
    """

    run: Run
    error: BaseException | None = None
    position: int = 0

    @property
    def by(self) -> str | None:
        """What the run calls the callback."""
        names = self.run.callbacks
        return names[self.position] if self.position < len(names) else None


@dataclass
class Subject:
    """A callback that is checked.

    Attributes:
        name: as the card calls it.
        make: makes one, anew for each play.
        item: what a scenario file calls it; ``None`` where none can.
        network: makes a compiled model to lend; ``None`` for the small one, where it
            needs one.
        place: a context in which it can be imported.
        lent: whether it is played with a real model.
    """

    name: str
    make: Callable[[], Any]
    item: Item | None = None
    network: Callable[[], Any] | None = None
    place: Callable[[], AbstractContextManager[None]] = nullcontext
    lent: bool = False
    curves: Curves = field(default_factory=Curves)

    def play(
        self,
        keys: dict[str, Any],
        callback: Any = None,
        *,
        before: Sequence[Any] = (),
        after: Sequence[Any] = (),
        call: str = "fit",
        model: Any = None,
    ) -> Played:
        """Play a script to the callback, or to a new one, on a new model."""
        own = self.make() if callback is None else callback
        callbacks = [*before, own, *after]
        model = self.model() if model is None else model
        position = len(before)
        try:
            run = play(script_of(keys), callbacks, model=model, call=call, wall_time_s=_WALL_TIME_S)
        except Exception as error:
            if not hasattr(error, "run"):
                raise
            return Played(error.run, error, position)
        return Played(run, None, position)

    def meant(self, error: BaseException) -> bool:
        """Whether an exception was raised on purpose: its own kind, or a ``raise`` of its own."""
        if isinstance(error, PlayTimeoutError):
            return False
        if type(error).__module__ != "builtins" and not isinstance(error, _ACCIDENTS):
            return True
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is None or isinstance(error, AttributeError | AssertionError | NameError):
            return False
        line = linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno).strip()
        return line.startswith("raise") and trace.tb_frame.f_code.co_filename in self._files()

    def _files(self) -> set[str]:
        """The files of the callback's class and of its bases."""
        modules = [sys.modules.get(base.__module__) for base in type(self.make()).__mro__[:-1]]
        return {str(getattr(module, "__file__", "")) for module in modules}

    def model(self) -> Any:
        """Make a model to lend; ``None`` where a script is enough."""
        if not self.lent:
            return None
        if self.network is not None:
            return self.network()
        from dryfit.lanes.networks import small_network

        return small_network()[0]


def text_of(error: BaseException, folder: str = "") -> str:
    """An exception in one line, the same in every process."""
    if isinstance(error, RecursionError):  # its text depends on where the stack ended
        return "RecursionError: maximum recursion depth exceeded"
    own = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    first = _ADDRESS.sub("", own.strip().partition("\n")[0])
    if isinstance(error, KeyError) and error.args and len(first) < 60:
        first = repr(error.args[0])
    message = first.replace(f"{folder or Path.cwd()}/", "")
    return f"{type(error).__name__}: {message[:160]}" if message else type(error).__name__


def subjects_of(text: str, seed: int = 0) -> list[Subject]:
    """Read what the command line names: ``Name``, ``Name: {argument: value}``, ``module:Class``.

    Raises:
        ScenarioFileError: there is no such callback or argument.
    """
    asked = read_alternatives(text)
    with importable(Path()):
        asked.kind()
    return [_of_item(item, seed) for (item,) in combinations([asked])]


def _of_item(item: Item, seed: int) -> Subject:
    name, arguments = item

    def make() -> Any:
        (maker,) = make_callbacks((item,), Path.cwd())
        return maker()

    folder = Path.cwd()
    shown = _shown(name, arguments)
    return _watching(Subject(shown, make, item, place=partial(importable, folder)), seed)


def subject_of(
    callback: Any,
    arguments: Sequence[Any],
    keywords: dict[str, Any],
    *,
    network: Callable[[], Any] | None = None,
    seed: int = 0,
) -> Subject:
    """Take a class with arguments, a function that makes an instance, or a target as text.

    Raises:
        TypeError: it is none of these.
        ScenarioFileError: the text names no callback.
    """
    if isinstance(callback, str):
        if arguments or keywords:
            raise TypeError("a target as text has its arguments in it: 'Name: {argument: value}'")
        subjects = subjects_of(callback, seed)
        if len(subjects) != 1:
            raise TypeError(f"{callback!r} means {len(subjects)} callbacks; check them one by one")
        return replace(subjects[0], network=network, lent=network is not None)
    if isinstance(callback, keras.callbacks.Callback) or not callable(callback):
        raise TypeError(
            "every scenario needs a fresh callback: give the class and its arguments, or a "
            f"function that makes one, not {callback!r}"
        )
    make = partial(callback, *arguments, **keywords)
    if isinstance(callback, type):
        item, name = _item_of_class(callback, arguments, keywords)
    else:
        item, name = None, ""  # its class tells
    made = Subject(name, make, item, network, lent=network is not None)
    return _watching(made, seed)


def _watching(subject: Subject, seed: int) -> Subject:
    """Refuse what is no callback, and script the metrics that it looks for."""
    with room(subject):  # constructors write files too
        first, second = subject.make(), subject.make()
    subject.name = subject.name or type(first).__name__
    if not isinstance(first, keras.callbacks.Callback):
        raise TypeError(f"{subject.name} makes {first!r}, no keras.callbacks.Callback")
    if first is second:
        raise TypeError(
            f"{subject.name} is the same instance twice; every scenario needs a fresh one"
        )
    if subject.item is None:
        with room(subject):
            subject.item = _described(first)
    monitor = getattr(first, "monitor", None)
    subject.curves = Curves([monitor] if isinstance(monitor, str) else [], seed)
    return subject


def _described(callback: Any) -> Item | None:
    try:
        item = describe(callback, Names())
    except CannotWriteError:
        return None
    settings = item.settings
    plain = all(_is_plain(value) for value in settings.values())
    return (item.name, settings) if plain else None


def _item_of_class(
    kind: type, arguments: Sequence[Any], keywords: dict[str, Any]
) -> tuple[Item | None, str]:
    name = _name(kind)
    try:
        given = dict(inspect.signature(kind).bind(*arguments, **keywords).arguments)
    except (TypeError, ValueError):
        given = dict(keywords)
    given |= given.pop("kwargs", {}) if isinstance(given.get("kwargs"), dict) else {}
    writable = name is not None and all(_is_plain(value) for value in given.values())
    item = (name, given) if writable and name is not None else None
    return item, _shown(kind.__name__, given)


def _name(kind: type) -> str | None:
    name = kind.__name__
    if name in ACTORS or getattr(keras.callbacks, name, None) is kind:
        return name
    found: Any = sys.modules.get(kind.__module__)
    for part in kind.__qualname__.split("."):
        found = getattr(found, part, None)
    known = found is kind and kind.__module__ != "__main__"
    return f"{kind.__module__}:{kind.__qualname__}" if known else None


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(isinstance(k, str) and _is_plain(v) for k, v in value.items())
    return value is None or type(value) in (bool, int, float, str)


def _shown(name: str, arguments: dict[str, Any]) -> str:
    if not arguments:
        return name
    texts = {key: _ADDRESS.sub("", repr(value)) for key, value in arguments.items()}
    return f"{name}({', '.join(f'{key}={text}' for key, text in texts.items())})"


@contextmanager
def room(subject: Subject) -> Iterator[Path]:
    """A folder and a process state of its own: what a callback leaves is put back here."""
    environment, folder = dict(os.environ), Path.cwd()
    handlers: dict[int, Any] = {
        number: signal.getsignal(number) for number in signal.valid_signals()
    }
    states = random.getstate(), np.random.get_state()
    hook, out, err = sys.excepthook, StringIO(), StringIO()
    with (
        tempfile.TemporaryDirectory(prefix="dryfit-", ignore_cleanup_errors=True) as name,
        subject.place(),
        redirect_stdout(out),
        redirect_stderr(err),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        os.chdir(name)
        try:
            yield Path.cwd()
        finally:
            os.chdir(folder)
            _put_back(environment, handlers)
            random.setstate(states[0])
            np.random.set_state(states[1])
            sys.excepthook = hook


def _put_back(environment: dict[str, str], handlers: dict[int, Any]) -> None:
    for key in set(os.environ) - set(environment):
        del os.environ[key]
    os.environ.update(environment)
    for number, handler in handlers.items():
        if handler is not None and signal.getsignal(number) != handler:
            signal.signal(number, handler)
