"""Other programs, which end with us: an interrupt ends them before it goes on."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock


class ProcessError(RuntimeError):
    """A program that failed; the message is what it said."""


class InterruptedRunError(RuntimeError):
    """A program was not begun, or was ended, because everything ends."""


@dataclass(frozen=True, slots=True)
class PlayerEnded:
    """What became of a program."""

    status: int
    out: str
    said: str


class Processes:
    """The programs that run now, in any thread.

    Each runs in a session of its own: Ctrl-C on a terminal reaches this process
    alone, which then ends them and what they began.
    """

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = Lock()
        self._over = False

    def run(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> PlayerEnded:
        """Run a program to its end.

        Raises:
            InterruptedRunError: everything ends.
        """
        with self._lock:
            if self._over:
                raise InterruptedRunError
            process = subprocess.Popen(  # noqa: S603  # uv, or our own module
                command,
                env=None if environment is None else dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
            self._running.add(process)
        try:
            out, said = process.communicate()
        finally:
            with self._lock:
                self._running.discard(process)
        if self._over:
            raise InterruptedRunError
        return PlayerEnded(process.returncode, out, said)

    def end(self) -> None:
        """End everything that runs, and let nothing begin."""
        with self._lock:
            self._over = True
            for process in self._running:
                with suppress(ProcessLookupError):
                    _end(process)


def _end(process: "subprocess.Popen[str]") -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
