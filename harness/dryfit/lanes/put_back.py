"""What a callback leaves changed in the process is put back behind it.

Else the next scenario would be judged in what the last one left. A part of the state is a
function that reads it and gives back what restores it.
"""

import builtins
import gc
import logging
import os
import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import numpy as np

from dryfit.lanes.handlers import handler_of, numbers, set_handler
from dryfit.lanes.open_figures import close_figures, open_figures
from dryfit_fakes.backend import keras

_Restore = Callable[[], object]


@contextmanager
def put_back() -> Iterator[None]:
    """Restore the state of the process behind what is done within, all of it in any case."""
    with ExitStack() as stack:
        for part in _PARTS:
            stack.callback(part())
        yield


def _environment() -> _Restore:
    before = dict(os.environ)

    def restore() -> None:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)

    return restore


def _python() -> _Restore:
    path, limit, hook, opener = list(sys.path), sys.getrecursionlimit(), sys.excepthook, open

    def restore() -> None:
        sys.path[:], sys.excepthook, builtins.open = path, hook, opener
        if sys.getrecursionlimit() != limit:
            sys.setrecursionlimit(limit)

    return restore


def _garbage_collection() -> _Restore:
    collects, thresholds = gc.isenabled(), gc.get_threshold()

    def restore() -> None:
        (gc.enable if collects else gc.disable)()
        if gc.get_threshold() != thresholds:
            gc.set_threshold(*thresholds)

    return restore


def _listeners() -> _Restore:
    """Who hears of every call: a debugger, coverage, a profiler."""
    set_by: tuple[tuple[Callable[[], Any], Callable[[Any], object]], ...] = (
        (threading.gettrace, threading.settrace),
        (threading.getprofile, threading.setprofile),
        (sys.getprofile, sys.setprofile),
        (sys.gettrace, sys.settrace),
    )
    before = [get() for get, _ in set_by]

    def restore() -> None:
        for (get, set_), listener in zip(set_by, before, strict=True):
            if get() is not listener:
                set_(listener)

    return restore


def _random() -> _Restore:
    ours, theirs = random.getstate(), np.random.get_state()

    def restore() -> None:
        random.setstate(ours)
        np.random.set_state(theirs)

    return restore


def _logging() -> _Restore:
    root = logging.getLogger()
    handlers, level, disabled = list(root.handlers), root.level, root.manager.disable

    def restore() -> None:
        root.handlers[:], root.manager.disable = handlers, disabled
        root.setLevel(level)

    return restore


def _signals() -> _Restore:
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    before = {number: handler_of(number) for number in numbers()}

    def restore() -> None:
        for number, handler in before.items():
            if handler is not None and handler_of(number) != handler:
                set_handler(number, handler)

    return restore


def _descriptors() -> _Restore:
    """Standard input, output and error, also where somebody closed them."""
    kept: dict[int, int] = {}
    for number in (0, 1, 2):
        with suppress(OSError):  # it was closed before
            kept[number] = os.dup(number)

    def restore() -> None:
        for number, copy in kept.items():
            if not _is_same(number, copy):
                os.dup2(copy, number)
            os.close(copy)

    return restore


def _is_same(number: int, copy: int) -> bool:
    try:
        return os.path.sameopenfile(number, copy)
    except OSError:
        return False


def _figures() -> _Restore:
    before = open_figures()
    return lambda: close_figures(set(open_figures()) - set(before))


def _keras() -> _Restore:
    names = ("floatx", "epsilon", "image_data_format")
    before = {name: getattr(keras.config, name)() for name in names}
    interactive = keras.config.is_interactive_logging_enabled()

    def restore() -> None:
        if interactive:
            keras.config.enable_interactive_logging()
        else:
            keras.config.disable_interactive_logging()
        for name, value in before.items():
            if getattr(keras.config, name)() != value:
                getattr(keras.config, f"set_{name}")(value)

    return restore


def _tensorflow() -> _Restore:
    tensorflow: Any = sys.modules.get("tensorflow")
    config = getattr(tensorflow, "config", None)
    if not hasattr(config, "functions_run_eagerly"):
        return lambda: None
    assert config is not None
    eagerly = config.functions_run_eagerly()
    seed = _seed(tensorflow)

    def restore() -> None:
        config.run_functions_eagerly(eagerly)
        if _seed(tensorflow) != seed:  # what was drawn in between stays drawn
            tensorflow.random.set_seed(seed)

    return restore


def _seed(tensorflow: Any) -> Any:
    """The seed of all; ``None`` where none was set. With a second of one's own, none is drawn."""
    found = tensorflow.compat.v1.get_seed(0)[0]
    return None if found == _NO_SEED else found


_NO_SEED = 87654321  # tensorflow/python/framework/random_seed.py, 2.21: DEFAULT_GRAPH_SEED

_PARTS = (
    _environment,
    _python,
    _garbage_collection,
    _listeners,
    _random,
    _logging,
    _signals,
    _descriptors,
    _figures,
    _keras,
    _tensorflow,
)
