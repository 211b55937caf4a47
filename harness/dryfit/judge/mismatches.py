"""Compares a call with what a scenario expects of it, and collects every mismatch."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dryfit.facts.comparing import Comparing, no_such_callback
from dryfit.facts.expect_keys import BY_NAME
from dryfit.facts.failure import Failure
from dryfit.scenario.playing import Played
from dryfit.scenario.schema import SETTINGS, Expect


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a comparison.

    Attributes:
        failures: everything that is not as expected, in the order of the keys.
        checks: how many expectations were compared.
    """

    failures: tuple[Failure, ...]
    checks: int


def check(expect: Expect, played: Played) -> Checked:
    """Compare a call with an expectation; only what is named is compared.

    But for an exception: one that is not named is not as expected either.
    """
    how = Comparing(exact=expect.tolerance == "exact")
    named = [name for name in expect.given() if name not in SETTINGS]
    failures = list(BY_NAME["raises"].compare(expect.raises, played, how))
    if played.run is not None or played.call.killed:  # of a process that was killed: its files
        for name in named:
            if name != "raises":
                failures += BY_NAME[name].compare(getattr(expect, name), played, how)
    failures = [_of_nobody(failure, played) for failure in failures]
    if expect.raises is None:
        failures += unexpected_elsewhere(played)
    return Checked(tuple(failures), len(named))


def _of_nobody(failure: Failure, played: Played) -> Failure:
    """Say of who is expected, and is no callback of the run, which there are."""
    callbacks = () if played.run is None else played.run.callbacks
    of_this_run = failure.what.endswith(".by") and not failure.what.startswith("ranks")
    if not of_this_run or failure.expected in callbacks:
        return failure
    told = no_such_callback(failure.expected, callbacks)
    return replace(failure, got=f"{failure.got}; {told}")


def unexpected_elsewhere(played: Played) -> Iterator[Failure]:
    """Every exception on another rank than 0, of which nothing is expected."""
    for rank, other in enumerate(played.others, 1):
        for failure in BY_NAME["raises"].compare(None, other, Comparing()):
            yield replace(failure, what=f"raises, on rank {rank}")
