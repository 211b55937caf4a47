"""A pair of callbacks on one curve: together, in the other order, and each alone."""

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dryfit.lanes.interrupts import came
from dryfit.lanes.play import play
from dryfit.lanes.put_back import put_back
from dryfit.lanes.temporary import temporary_folder
from dryfit.run.run import Run
from dryfit.scenario.alternatives import Item
from dryfit.scenario.construct import make_callbacks
from dryfit.scenario.trust import USUAL, Trust
from dryfit_fakes.script import Script


class CannotPlayError(Exception):
    """What a callback raised on a curve; the message says it."""


@dataclass(frozen=True)
class Take:
    """A pair on a curve; each play is made when it is asked for.

    Attributes:
        items: the two, in the order of the list.
        script: the curve.
        recorded: whether a training did report it.
        trust: what the two may do.
    """

    items: tuple[Item, Item]
    script: Script
    recorded: bool = False
    trust: Trust = USUAL

    @cached_property
    def both(self) -> Run:
        """Both, in the order of the list."""
        return self._played(self.items)

    @cached_property
    def swapped(self) -> Run:
        """Both, in the other order."""
        return self._played(self.items[::-1])

    @cached_property
    def alone(self) -> tuple[Run, Run]:
        """Each without the other."""
        return self._played(self.items[:1]), self._played(self.items[1:])

    def _played(self, items: Sequence[Item]) -> Run:
        made = make_callbacks(tuple(items), Path.cwd(), trust=self.trust)
        try:
            with put_back():  # the next play begins as this one did
                return play(self.script, [make() for make in made], record_batches=False)
        except BaseException as error:
            if came() or not hasattr(error, "run"):
                raise
            raise CannotPlayError(f"{type(error).__name__}: {error}") from error


@contextmanager
def a_folder() -> Iterator[None]:
    """A folder for what callbacks write, and quiet."""
    here = Path.cwd()
    with temporary_folder() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(here)
