"""A command in a process of its own, watched by one that outlives it.

A callback may end Python, crash it, or hold it where no signal gets through. So a command
that plays callbacks forks before it has imported anything heavy: the child does all the
work, and tells what it is about; the parent waits, hands on signals, and clears up behind
it. What ended the child has failed, and the rest is played by another child.
"""

import json
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from dryfit.facts.visible_text import in_a_line
from dryfit.lanes.memory import too_much
from dryfit.lanes.process_tree import descendants, end_all
from dryfit.lanes.temporary import clear_behind

GRACE_S = 1.5  # for a child that was told to end, or has nothing left to do
_MOST_ENDS = 3  # of children; what is left then is not played
_LOOK_S = 0.1
_HEAVY = ("keras", "tensorflow", "jax", "torch")

ended: dict[str, str] = {}  # what ended an earlier child, and how
_telling: int | None = None  # in a child, the way to its parent


def can_watch() -> bool:
    """Whether this process may be forked: nothing in it is under way, and it prints itself."""
    alone = threading.active_count() == 1 and not any(name in sys.modules for name in _HEAVY)
    return hasattr(os, "fork") and alone and sys.stdout is sys.__stdout__


def under_way(what: str, limit_s: float = float("inf")) -> None:
    """Say what is about to be played, and how long that may take at most."""
    _tell(under_way=what, limit_s=limit_s)


def finished(what: str, outcome: str) -> None:
    """Say what became of what was played."""
    _tell(finished=f"{what}: {outcome}")


def watched(name: str, command: Callable[[], int], *, again: bool) -> int:
    """Do a command in a child; return its exit status, or say how it ended without.

    Args:
        name: of the command.
        command: in the child; returns its status.
        again: whether another child goes on where one was ended by what it played.
    """
    while True:
        child = _Child()
        if child.process == 0:
            status = command()
            _tell(status=status)
            return status
        told = child.wait()
        if told is not None:
            return told
        if not (again and child.under_way and child.number is None and len(ended) < _MOST_ENDS):
            return child.said(name)
        ended[child.under_way] = child.how


def _tell(**what: Any) -> None:
    if _telling is not None:
        os.write(_telling, json.dumps(what).encode() + b"\n")


@dataclass
class _Child:
    """A process that was forked from this one, and what it told.

    Attributes:
        process: its number; 0 within it.
        under_way: what it plays.
        finished: what it has played.
        number: of the signal that ends the command.
        how: how it ended without a status.
    """

    process: int = 0
    under_way: str = ""
    finished: list[str] = field(default_factory=list)
    number: int | None = None
    how: str = ""
    _until: float = float("inf")
    _status: int | None = None
    _started: list[int] = field(default_factory=list)  # by it, and there now
    _gone: set[int] = field(default_factory=set)  # of those that it has ever started
    _begun: bytes = b""

    def __post_init__(self) -> None:
        global _telling
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        self._heard, told = os.pipe()
        self.process = os.fork()
        os.close(told if self.process else self._heard)
        _telling = None if self.process else told

    def wait(self) -> int | None:
        """Wait for its end; return its status, ``None`` where it ended without."""
        before = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}
        for number, handler in before.items():
            if handler != signal.SIG_IGN:
                signal.signal(number, self._hand_on)
        try:
            how = self._ended()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(self._heard)
            # It was not there to end what it had started, or is not to be waited for.
            if self._status is None or self.number is not None:
                end_all(self._started)
                self._gone.update(self._started)
            clear_behind(self.process, *self._gone)
        if self._status is None and how >= 0 and not self.under_way and not self.how:
            return how  # argparse's, or Python's own
        self.how = self.how or _how(how)
        return self._status

    def said(self, name: str) -> int:
        """Say how it ended; return the command's status."""
        if self.number is not None:
            what = "interrupted" if self.number == signal.SIGINT else "ended by SIGTERM"
            print(f"dryfit {name}: {what}, and Python had to be killed", file=sys.stderr)
        else:
            place = f" while {in_a_line(self.under_way)} was played" if self.under_way else ""
            print(f"dryfit {name}: {self.how}{place}", file=sys.stderr)
        for line in self.finished:
            print(f"finished before: {in_a_line(line)}", file=sys.stderr)
        if self.number is not None:
            return 128 + self.number
        return 1 if self.under_way else 70

    def _ended(self) -> int:
        """Hear what it tells, and end it where its time is over; how its process ended."""
        while True:
            process, status = os.waitpid(self.process, os.WNOHANG)
            if not process:  # afterwards nobody knows who started them
                before, self._started = self._started, descendants(self.process)
                self._gone.update(set(before) - set(self._started))
            if select.select([self._heard], [], [], 0 if process else _LOOK_S)[0]:
                self._hear()
            if process:
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > self._until:
                self._kill("it did not end in its time")
            elif much := too_much(self.process, *self._started):
                self._kill(much)

    def _kill(self, why: str) -> None:
        if self.number is None and self._status is None:
            self.how = f"{why}, and had to be killed"
        self._until = float("inf")
        end_all([self.process, *self._started])
        self._gone.update(self._started)

    def _hear(self) -> None:
        read = os.read(self._heard, 65536)
        *lines, self._begun = (self._begun + read).split(b"\n")
        for line in lines:
            told = json.loads(line)
            if "under_way" in told:
                self.under_way = told["under_way"]
                self._wait_s(told["limit_s"])
            if "finished" in told:
                self.finished.append(told["finished"])
                self.under_way, self._until = "", float("inf")
            if "status" in told:
                self._status = told["status"]
                # Threads may go on, and Python's own end takes a while with TensorFlow in it.
                ends = time.monotonic() + (GRACE_S if self.number is None else _LOOK_S)
                self._until = min(self._until, ends)
        if not read:
            time.sleep(_LOOK_S)  # it closed the pipe: only its end is left to hear

    def _wait_s(self, limit_s: float) -> None:
        if self.number is None:
            self._until = time.monotonic() + limit_s

    def _hand_on(self, number: int, frame: FrameType | None) -> None:
        if self.number is None:
            self._until = time.monotonic() + GRACE_S
            self.number = number
        with suppress(ProcessLookupError):
            os.kill(self.process, number)


def _how(status: int) -> str:
    if status < 0:
        return f"Python was ended by {signal.Signals(-status).name}"
    return f"Python was ended with status {status}"
