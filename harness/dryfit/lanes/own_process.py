"""Apart: a job in a process of its own, which may end however it likes.

A callback may end Python, crash it, wait forever or print without end; whoever judges it
must not go down with it. One server has imported Keras and forks a process for each job,
so that a job begins at once; where there is no fork, each job is a new Python.
"""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from dryfit.lanes.interrupts import held
from dryfit.lanes.memory import too_much
from dryfit.lanes.processor_waits import MOST_TIMES, waited_s
from dryfit.lanes.temporary import temporary_folder
from dryfit_fakes.protocols import Plain

SILENCE_S = 120.0  # a job that tells nothing for that long is ended
OUTPUT_BYTES = 64_000_000  # and so is one that prints more
_START_S = 600.0  # importing Keras, which took two minutes on a machine with 40 at work
_SHOWN_BYTES = 4_000  # of what a job printed last
_LOOK_S = 0.05
_SOON_S = 0.005
_END_S = 1.0
_MODULE = "dryfit.lanes.own_process_server"
# macOS' own libraries abort in a process that was forked and not executed.
_FORKS = hasattr(os, "fork") and sys.platform != "darwin"


@dataclass(frozen=True, slots=True)
class ProcessEnded:
    """How a job ended.

    Attributes:
        status: of its process; negative is the signal that ended it.
        cut: why it was ended from outside, empty where it ended by itself.
        output: the last that it printed.
    """

    status: int
    cut: str = ""
    output: str = ""


class Apart:
    """Processes for jobs, one job at a time.

    Args:
        *modules: what a job needs, imported before the first.
        warm: ``module:function``, which each process begins with before its job is known.

    >>> with Apart("math") as apart:
    ...     apart.run("dryfit.lanes.own_process:say", "hello", hear=print)
    hello
    ProcessEnded(status=0, cut='', output='')
    """

    def __init__(self, *modules: str, warm: str = "") -> None:
        self._modules, self._warm = modules, warm
        self._server: _Server | None = None

    def __enter__(self) -> "Apart":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(
        self,
        job: str,
        *arguments: Plain,
        hear: Callable[[str], object] = lambda text: None,
        environment: Mapping[str, str] | None = None,
        silence_s: float = SILENCE_S,
        output_bytes: int = OUTPUT_BYTES,
    ) -> ProcessEnded:
        """Do a job in a process of its own, in this working directory.

        Args:
            job: ``module:function``, called with a function that tells a text, and
                the arguments.
            *arguments: what JSON can say.
            hear: hears each text that the job tells.
            environment: variables beside those of this process.
            silence_s: after how long without a text the job is ended.
            output_bytes: after how much output it is ended.

        Raises:
            ImportError: Keras, or what a job needs, cannot be imported.
        """
        with temporary_folder() as folder:
            request = {
                "job": job,
                "arguments": arguments,
                "folder": os.getcwd(),
                "path": sys.path,
                "environment": {**os.environ, **(environment or {})},
                "output": str(folder / "output"),
                "notes": str(folder / "notes"),
            }
            return self._watched(request, folder, hear, silence_s, output_bytes)

    def _watched(
        self,
        request: dict[str, Any],
        folder: Path,
        hear: Callable[[str], object],
        silence_s: float,
        output_bytes: int,
    ) -> ProcessEnded:
        notes, cut = _Notes(folder / "notes"), ""
        try:
            server = self._asked(request)
            heard_at, waited = time.monotonic(), 0.0
            while (status := server.status(_look_s(heard_at))) is None:
                if _hand_on(notes, hear):
                    heard_at, waited = time.monotonic(), waited_s(server.job or 0)
                silent = time.monotonic() - heard_at
                if silent > silence_s and silent > min(
                    silence_s + waited_s(server.job or 0) - waited, MOST_TIMES * silence_s
                ):
                    cut = f"it told nothing for {silence_s:g} s"
                elif _size(folder / "output") > output_bytes:
                    cut = f"it printed more than {output_bytes / 1e6:g} MB"
                else:
                    cut = cut or too_much(server.job or 0)
                if cut:
                    server.kill()
        except BaseException:
            if self._server is not None:
                self._server.kill()
                self._server.status(_END_S)  # which clears behind the job
            self.close()
            raise
        server.kill()  # what it started and left
        if not server.lives:
            self.close()
        _hand_on(notes, hear)
        return ProcessEnded(status, cut, _last(folder / "output"))

    def _asked(self, request: Mapping[str, Any]) -> "_Server":
        """A server that has begun a job: another one, where a callback has ended ours meanwhile."""
        try:
            return self._begun(request)
        except (_EndedError, OSError):
            self.close()
            return self._begun(request)

    def _begun(self, request: Mapping[str, Any]) -> "_Server":
        server = self._ready()
        with held():  # a job that was begun, and is not known, would go on for ever
            server.ask(request)
        return server

    def begin(self) -> None:
        """Start the server, if there is none: it imports what jobs need, and nobody waits."""
        if self._server is None:
            with held():  # likewise a server
                self._server = _Server(self._modules, self._warm)

    def close(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def _ready(self) -> "_Server":
        self.begin()
        assert self._server is not None
        try:
            self._server.wait_until_ready()
        except BaseException:
            self.close()
            raise
        return self._server


@cache
def kept(*modules: str) -> Apart:
    """Processes for jobs that import the same: their server starts once, and stays until we end.

    Whoever calls `dryfit.cli.main` many times, as a test suite does, waits for Keras once.
    """
    made = Apart(*modules)
    atexit.register(made.close)
    return made


class _EndedError(ImportError):
    """The other process has ended, and nobody knows why."""


class _Server:
    """The other process, and the job that is under way in it."""

    def __init__(self, modules: tuple[str, ...], warm: str) -> None:
        how = ("--warm", warm) if _FORKS else ("--once",)
        self._process = subprocess.Popen(  # noqa: S603  # our own module
            [sys.executable, "-P", "-m", _MODULE, *how, *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            start_new_session=True,  # an interrupt of the keyboard is for us to hand on
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._asked, self._told = self._process.stdin, self._process.stdout
        self.job: int | None = None
        self._ready = False
        self._begun = b""

    def wait_until_ready(self) -> None:
        """Wait until it has imported what jobs need.

        Raises:
            ImportError: it cannot.
        """
        if self._ready:
            return
        told = self._next(_START_S)
        if told is None:
            raise _EndedError("no Python for jobs of their own")
        if "failed" in told:
            raise ImportError(told["failed"])
        self._ready = True

    def ask(self, request: Mapping[str, Any]) -> None:
        """Begin a job.

        Raises:
            _EndedError: the process has ended before.
        """
        self.job = None
        self._asked.write(json.dumps(request).encode() + b"\n")
        self._asked.flush()
        if _FORKS:
            told = self._next(_START_S)
            if told is None:
                raise _EndedError("the Python for jobs of their own has ended")
            self.job = int(told["process"])
        else:
            self.job = self._process.pid

    def status(self, wait_s: float) -> int | None:
        """The status of the job once it has ended."""
        if not _FORKS:
            with suppress(subprocess.TimeoutExpired):
                return self._process.wait(wait_s)
            return None
        told = self._next(wait_s)
        if told is None and self._process.poll() is not None:
            return self._process.returncode  # the server is gone, and its job with it
        return None if told is None else int(told["status"])

    @property
    def lives(self) -> bool:
        """Whether another job can be asked for: not where a job has ended its server."""
        return _FORKS and self._process.poll() is None

    def kill(self) -> None:
        """End the job, and whatever it started in its group of processes."""
        if self.job is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self.job, signal.SIGKILL)
            else:
                self._process.kill()

    def close(self) -> None:
        """End the process, and the one that waits for the next job."""
        self._process.poll()
        if _FORKS and self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        with suppress(OSError):  # of what it was asked, and will not hear
            self._asked.close()
        self._told.close()

    def _next(self, wait_s: float) -> dict[str, Any] | None:
        """What the server says next; ``None`` where it says nothing for a while."""
        until = time.monotonic() + wait_s
        while b"\n" not in self._begun:
            left = max(0.0, until - time.monotonic())
            if _FORKS and not select.select([self._told], [], [], left)[0]:
                return None
            read = os.read(self._told.fileno(), 65536)
            if not read:
                return None
            self._begun += read
        line, _, self._begun = self._begun.partition(b"\n")
        told: dict[str, Any] = json.loads(line)
        return told


class _Notes:
    """The texts that a job tells, read as they come."""

    def __init__(self, path: Path) -> None:
        self._path, self._at = path, 0

    def new(self) -> list[str]:
        """Those that came since the last look, whole ones only."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._at)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._at += len(whole) + len(newline)
        return [json.loads(line) for line in whole.splitlines()]


def _look_s(heard_at: float) -> float:
    """How long to wait for news: a little where they came just now, at most `_LOOK_S`."""
    return min(_LOOK_S, _SOON_S + (time.monotonic() - heard_at) / 10)


def _hand_on(notes: _Notes, hear: Callable[[str], object]) -> bool:
    texts = notes.new()
    for text in texts:
        hear(text)
    return bool(texts)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _last(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, _size(path) - _SHOWN_BYTES))
        return file.read().decode("utf-8", errors="replace")


def say(tell: Callable[[str], None], text: str) -> None:
    """A job that tells one text."""
    tell(text)
