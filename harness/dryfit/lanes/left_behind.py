"""What a callback starts and does not end: threads, and copies of the process."""

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from dryfit.lanes.process_tree import children
from dryfit.recorder.copies import copies_made

_GRACE_S = 1.0
_LOOK_S = 0.05
_PROCESSES = Path("/proc")


class LeftThreadError(RuntimeError):
    """A thread goes on for which Python waits at its end."""


class LeftCopyError(RuntimeError):
    """A copy of the process goes on, and nobody waits for it."""


class LeftBehind:
    """What is there before callbacks are made, and so is nobody's fault."""

    def __init__(self) -> None:
        self._threads = set(threading.enumerate())
        self._made = copies_made()
        self._copies = _copies() if self._made else []  # looking takes a while

    def found(self) -> Exception | None:
        """What goes on though its callbacks are done with, once it had time to end."""
        return next(filter(None, [self.thread(), self.copy()]), None)

    def thread(self) -> LeftThreadError | None:
        """Find a thread that keeps Python from ending."""
        left = [t for t in threading.enumerate() if t not in self._threads and not t.daemon]
        for thread in left:
            thread.join(_GRACE_S / len(left))
        name = next((thread.name for thread in left if thread.is_alive()), None)
        if name is None:
            return None
        return LeftThreadError(
            f"the thread {name!r} goes on after the last call, and Python waits for it at its end; "
            "end it in on_train_end, or start it with daemon=True"
        )

    def copy(self) -> LeftCopyError | None:
        """End copies of this process, which does not end them: they never left their hook.

        Those of ``multiprocessing`` have somebody who ends them. Where a system has no
        ``/proc``, none is found.
        """
        if copies_made() == self._made:
            return None
        until = time.monotonic() + _GRACE_S
        while (left := self._new()) and time.monotonic() < until:
            time.sleep(_LOOK_S)
        for process in left:
            with suppress(OSError):  # it has ended, or somebody else waited for it
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
        if not left:
            return None
        who = "a copy" if len(left) == 1 else f"{len(left)} copies"
        goes = "goes" if len(left) == 1 else "go"
        return LeftCopyError(
            f"{who} of the process that os.fork made in a hook {goes} on after the last call; end "
            "each with os._exit, and wait for it with os.waitpid in on_train_end"
        )

    def _new(self) -> list[int]:
        return [process for process in _copies() if process not in self._copies]


def _copies() -> list[int]:
    """The children that were forked from this process, and execute what it does."""
    multiprocessing = sys.modules.get("multiprocessing")
    known = set() if multiprocessing is None else _numbers(multiprocessing.active_children())
    ours = _read(os.getpid(), "cmdline")
    return [
        process
        for process in children(os.getpid())
        if process not in known and _read(process, "cmdline") == ours
    ]


def _numbers(processes: list[object]) -> set[int]:
    return {getattr(process, "pid", 0) for process in processes}


def _read(process: int, what: str) -> str:
    try:
        return (_PROCESSES / str(process) / what).read_text()
    except OSError:  # it has ended, or there is no such place
        return ""
