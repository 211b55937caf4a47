"""Callbacks that end Python, or never end, each in its own way."""

import os
import signal
import sys
import threading
from typing import Any

import keras


class _Hook(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.act()

    def act(self) -> None:
        """Do what it is for."""


class Fine(_Hook):
    """Does nothing."""


class Exits(_Hook):
    def act(self) -> None:
        sys.exit(0)


class Closes(_Hook):
    def act(self) -> None:
        raise GeneratorExit


class Interrupts(_Hook):
    def act(self) -> None:
        raise KeyboardInterrupt("mine")


class Ends(_Hook):
    def act(self) -> None:
        os._exit(0)


class Crashes(_Hook):
    def act(self) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)


class Forks(_Hook):
    """Both processes come back out of it."""

    def act(self) -> None:
        os.fork()


class ForksAndStays(_Hook):
    """The copy never comes back."""

    def act(self) -> None:
        if os.fork() == 0:
            while True:
                signal.pause()


class TakesMemory(_Hook):
    def act(self) -> None:
        kept = []
        while True:
            kept.append(bytearray(20_000_000))


class ExitsWhenMade(_Hook):
    def __init__(self) -> None:
        sys.exit(0)


class LeavesAThread(_Hook):
    """It would go on for ever, but for a test that lets it go."""

    let_go = threading.Event()

    def on_train_end(self, logs: Any = None) -> None:
        threading.Thread(target=self.let_go.wait, name="goes on").start()


class ClosesStdout(_Hook):
    def on_train_end(self, logs: Any = None) -> None:
        os.close(1)


class Odd:
    """An object of which nothing can be asked."""

    def __eq__(self, other: object) -> bool:
        raise LookupError("eq")

    def __hash__(self) -> int:
        raise LookupError("hash")

    def __repr__(self) -> str:
        raise LookupError("repr")

    def __getattr__(self, name: str) -> Any:
        raise LookupError(f"getattr {name}")


class MuteError(ValueError):
    """An exception that does not say what it is."""

    def __str__(self) -> str:
        raise LookupError("str")


class WritesWhatIsOdd(_Hook):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["odd"] = Odd()


class KeepsWhatIsOdd(_Hook):
    def act(self) -> None:
        self.odd = Odd()


class IsMute(_Hook):
    def act(self) -> None:
        raise MuteError


class Recurses(_Hook):
    def act(self) -> None:
        self.act()


class PrintsNone(_Hook):
    def act(self) -> None:
        sys.stdout.write(None)  # type: ignore[arg-type]


class HasNoAttributes(_Hook):
    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        raise LookupError("dict")
