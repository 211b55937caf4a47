"""Checks of what is left in the process once training has ended."""

import gc
import os
import random
import re
import signal
import stat
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from dryfit.lanes.open_figures import open_figures
from dryfit.lanes.processor_waits import MOST_TIMES, waited_s
from dryfit.lanes.temporary import temporary_folder
from dryfit.tools.check.finding import Finding, failed, not_applicable, passed
from dryfit.tools.check.subject import Subject
from dryfit.tools.check.wrappers import Begins, EachEpoch, Ends
from dryfit_fakes.backend import keras
from dryfit_fakes.protocols import Callback, RealModel

_FILES = Path("/proc/self/fd")
_GRACE_S = 0.5
_STREAMS = {0: "stdin", 1: "stdout", 2: "stderr"}
_NUMBER = re.compile(r"\d{5}.*")
_DRAWN = re.compile(r"[a-z0-9_]{8}(?=\.|$)")  # what tempfile makes a name with


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


def figures(subject: Subject) -> Finding:
    """Figures of matplotlib are closed or drawn anew: there are not more of them each epoch."""
    before = len(open_figures())
    behind = EachEpoch(lambda: len(open_figures()) - before)
    curves = subject.curves
    subject.play(curves.keys(curves.improving(3), 3), subject.make(), after=[behind])
    if len(behind.seen) == 3 and behind.seen[0] < behind.seen[1] < behind.seen[2]:
        opened = behind.seen[2] - behind.seen[1]
        said = _counted(opened, "figure")
        return failed(f"opens {said} of matplotlib in each epoch, and closes none of them")
    left = len(open_figures()) - before
    return passed(f"leaves {left} for all epochs" if left > 0 else "leaves none open")


def temporary_files(subject: Subject) -> Finding:
    """What is made in the folder for temporary files is gone when training has ended."""
    left: set[str] = set()
    with _temporary_of_its_own() as folder:
        for _ in range(2):
            before = left
            _fit(subject, subject.make())
            gc.collect()  # what goes with its object is not left
            left = set(os.listdir(folder))
        names = {_DRAWN.sub("…", name) + "/" * (folder / name).is_dir() for name in left}
    told = ", ".join(sorted(names))
    if left - before:
        return failed(f"leaves {told} in the folder for temporary files, and more with each fit")
    return passed(f"leaves {told} there for all fits" if left else "all are gone")


def threads(subject: Subject) -> Finding:
    """No thread is left that keeps Python from ending, and none more with each fit."""
    before = set(threading.enumerate())
    callback, counts = subject.make(), []
    for _ in range(2):
        _fit(subject, callback)
        left = [thread for thread in threading.enumerate() if thread not in before]
        left = _still_there(left)
        counts.append(len(left))
    if any(not thread.daemon for thread in left):
        keep = "keeps" if len(left) == 1 else "keep"
        return failed(f"leaves {_counted(len(left), 'thread')} that {keep} Python from ending")
    if counts[1] > counts[0] > 0:
        return failed(f"leaves {_counted(counts[0], 'thread')} after a fit, {counts[1]} after two")
    return passed("leaves no thread" if not left else "leaves one daemon thread for all fits")


def _still_there(threads: list[threading.Thread]) -> list[threading.Thread]:
    """Those that do not end in a while, which is longer where other work has the processors."""
    begun, waited = time.monotonic(), waited_s()
    while left := [thread for thread in threads if thread.is_alive()]:
        grace = min(_GRACE_S + waited_s() - waited, MOST_TIMES * _GRACE_S)
        if time.monotonic() - begun > grace:
            break
        left[0].join(_GRACE_S / 10)
    return left


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


def closed_streams(subject: Subject) -> Finding:
    """What is printed and read goes on: standard input, output and error are open."""
    before = {number: _identity(number) for number in _STREAMS}

    def look() -> dict[str, Any]:
        objects = [n for n in _STREAMS.values() if getattr(getattr(sys, n), "closed", False)]
        now = {number: _identity(number) for number in _STREAMS}
        others = [number for number in _STREAMS if now[number] != before[number]]
        said = [f"sys.{name} closed" for name in objects]
        said += [f"descriptor {n} {'another file' if now[n] else 'closed'}" for n in others]
        return dict.fromkeys(said)

    return _left(subject, look, "leaves {}", inside=True)


def garbage_collection(subject: Subject) -> Finding:
    """Python collects garbage as before."""
    before = gc.isenabled(), gc.get_threshold()

    def look() -> dict[str, Any]:
        now = gc.isenabled(), gc.get_threshold()
        what = "garbage collection with other thresholds" if now[0] else "garbage collection off"
        return {} if now == before else {what: None}

    return _left(subject, look, "leaves {}")


def recursion_limit(subject: Subject) -> Finding:
    """Python's limit of calls within calls is as before."""
    before = sys.getrecursionlimit()

    def look() -> dict[str, Any]:
        now = sys.getrecursionlimit()
        return {} if now == before else {f"at {now}": None}

    return _left(subject, look, "leaves the recursion limit {}")


def trace_functions(subject: Subject) -> Finding:
    """Nobody new hears of every call: ``sys.settrace`` and ``sys.setprofile`` are as before."""
    return _left(subject, _listeners, "leaves a function of its own with {}")


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
    model = subject.model(subject.lane)  # Keras draws a seed for each layer
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
    subject: Subject,
    callback: Callback,
    look: Callable[[], Any] | None = None,
    model: RealModel | None = None,
) -> Any:
    begins = Begins(look or dict)
    ends = Ends(begins)
    curves = subject.curves
    keys = curves.keys(curves.improving(3), 3)
    subject.play(keys, callback, before=[begins], after=[ends], model=model)
    return begins.seen or {}, ends.seen or begins.seen or {}


@contextmanager
def _temporary_of_its_own() -> Iterator[Path]:
    """What others on this machine make at the same time is elsewhere."""
    before, variable = tempfile.tempdir, os.environ.get("TMPDIR")
    with temporary_folder() as folder:
        tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
        try:
            yield folder
        finally:
            tempfile.tempdir = before
            os.environ.pop("TMPDIR")
            if variable is not None:
                os.environ["TMPDIR"] = variable


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
    states: dict[str, Any] = {
        "random": random.getstate(),
        "numpy.random": (kind, tuple(state), *others),
    }
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        states["tf.random"] = tf.compat.v1.get_seed(0)  # with a number of one's own, none is drawn
    elif keras.backend.backend() == "torch":
        import torch

        states["torch.random"] = torch.initial_seed()
    return states


def _filters() -> dict[str, Any]:
    rules: list[Any] = list(warnings.filters)
    return {str((rule[0], rule[2].__name__)): rule for rule in rules}


def _streams() -> dict[str, Any]:
    return {f"sys.{name}": getattr(sys, name) for name in ("stdout", "stderr", "excepthook")}


def _identity(number: int) -> tuple[int, int] | None:
    """The file behind a descriptor; ``None`` where it is closed."""
    try:
        found = os.fstat(number)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _listeners() -> dict[str, Any]:
    return {
        "sys.settrace": sys.gettrace(),
        "sys.setprofile": sys.getprofile(),
        "threading.settrace": threading.gettrace(),
        "threading.setprofile": threading.getprofile(),
    }


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
