"""Checks of what is left in the process once training has ended."""

import gc
import os
import random
import re
import signal
import stat
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dryfit.check.around import Begins, Ends
from dryfit.check.finding import Finding, failed, not_applicable, passed
from dryfit.check.subject import Subject
from dryfit_fakes.backend import keras

_FILES = Path("/proc/self/fd")
_GRACE_S = 0.5
_NUMBER = re.compile(r"\d{5}.*")


def open_files(subject: Subject) -> Finding:
    """Files are closed when training has ended."""
    if not _FILES.is_dir():
        return not_applicable("this system does not list a process' open files")
    gc.collect()  # what others left is closed now, and not in between
    before, callback = _open_files(), subject.make()
    _fit(subject, callback)
    gc.collect()  # what only garbage holds is not left
    left = [path for path, count in _open_files().items() if count > before.get(path, 0)]
    if not left:
        return passed("all are closed")
    names = sorted({_name(path) for path in left})
    return failed(f"leaves {', '.join(names)} open after on_train_end")


def threads(subject: Subject) -> Finding:
    """No thread is left that keeps Python from ending, and none more with each fit."""
    before = set(threading.enumerate())
    callback, counts = subject.make(), []
    for _ in range(2):
        _fit(subject, callback)
        left = [thread for thread in threading.enumerate() if thread not in before]
        for thread in left:
            thread.join(_GRACE_S / len(left))
        left = [thread for thread in left if thread.is_alive()]
        counts.append(len(left))
    if any(not thread.daemon for thread in left):
        return failed(f"leaves {_counted(len(left), 'thread')} that keeps Python from ending")
    if counts[1] > counts[0] > 0:
        return failed(f"leaves {_counted(counts[0], 'thread')} after a fit, {counts[1]} after two")
    return passed("leaves no thread" if not left else "leaves one daemon thread for all fits")


def environment(subject: Subject) -> Finding:
    """Environment variables are as before."""
    return _left(subject, lambda: dict(os.environ), "leaves the environment variable {}")


def working_directory(subject: Subject) -> Finding:
    """The working directory is as before."""
    folder = Path.cwd()
    return _left(
        subject,
        lambda: {"another": ""} if Path.cwd() != folder else {},
        "leaves {} working directory",
    )


def signal_handlers(subject: Subject) -> Finding:
    """Signal handlers are as before."""
    return _left(subject, _handlers, "leaves a handler of its own for {}")


def global_random_state(subject: Subject) -> Finding:
    """The random numbers of others are as before: nothing is drawn or seeded globally."""
    return _left(subject, _random_states, "changes the state of {}")


def warning_filters(subject: Subject) -> Finding:
    """The filters of warnings are as before."""
    return _left(subject, _filters, "leaves a warning filter: {}", inside=True)


def streams(subject: Subject) -> Finding:
    """``sys.stdout``, ``sys.stderr`` and ``sys.excepthook`` are as before."""
    return _left(subject, _streams, "leaves another {}", inside=True)


def keras_settings(subject: Subject) -> Finding:
    """Keras' own settings are as before."""
    return _left(subject, _keras_settings, "leaves keras.config.{} changed", inside=True)


def _left(
    subject: Subject, look: Callable[[], dict[str, Any]], words: str, *, inside: bool = False
) -> Finding:
    """Compare what is seen before a callback is made and after it has trained.

    Args:
        look: sees.
        words: how to say what is left.
        inside: whether a play puts it back itself, so that only its hooks see it.
    """
    model = subject.model()  # Keras draws a seed for each layer
    before = look()
    callback = subject.make()
    made = look()
    seen = _fit(subject, callback, look if inside else None, model)
    pairs = [(before, made), seen] if inside else [(before, look())]
    for old, new in pairs:
        changed = [key for key in {**old, **new} if old.get(key, _NONE) != new.get(key, _NONE)]
        if changed:
            return failed(words.format(", ".join(sorted(changed))))
    return passed("as before")


_NONE = object()


def _fit(
    subject: Subject, callback: Any, look: Callable[[], Any] | None = None, model: Any = None
) -> Any:
    begins = Begins(look or dict)
    ends = Ends(begins)
    curves = subject.curves
    keys = curves.keys(curves.improving(3), 3)
    subject.play(keys, callback, before=[begins], after=[ends], model=model)
    return begins.seen or {}, ends.seen or begins.seen or {}


def _open_files() -> dict[str, int]:
    """Regular files, and how many handles each has."""
    found: dict[str, int] = {}
    for entry in os.listdir(_FILES):
        try:
            if stat.S_ISREG(os.stat(_FILES / entry).st_mode):
                path = os.readlink(_FILES / entry)
                found[path] = found.get(path, 0) + 1
        except OSError:  # the handle of listdir itself
            continue
    return found


def _name(path: str) -> str:
    """A file's name in the run's folder; a time or a process in it is cut off."""
    name = path.removeprefix(f"{Path.cwd()}/").removesuffix(" (deleted)")
    return _NUMBER.sub("…", name)


def _handlers() -> dict[str, Any]:
    return {s.name: signal.getsignal(s) for s in signal.Signals if s in signal.valid_signals()}


def _random_states() -> dict[str, Any]:
    kind, state, *others = np.random.get_state()
    return {"random": random.getstate(), "numpy.random": (kind, tuple(state), *others)}


def _filters() -> dict[str, Any]:
    rules: list[Any] = list(warnings.filters)
    return {str((rule[0], rule[2].__name__)): rule for rule in rules}


def _streams() -> dict[str, Any]:
    return {f"sys.{name}": getattr(sys, name) for name in ("stdout", "stderr", "excepthook")}


def _keras_settings() -> dict[str, Any]:
    config = keras.config
    names = (
        "floatx",
        "epsilon",
        "image_data_format",
        "is_interactive_logging_enabled",
        "is_traceback_filtering_enabled",
    )
    settings = {name: getattr(config, name)() for name in names if hasattr(config, name)}
    return settings | {"dtype_policy": config.dtype_policy().name}


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
