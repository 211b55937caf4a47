"""Whether both lanes tell the same of a scenario: whole timelines, histories and files."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from dryfit.facts.failure import Failure, Key
from dryfit.judge.clock_or_chance import history_of, timeline_of
from dryfit.judge.outcome import Outcome
from dryfit.judge.verdict import Verdict
from dryfit.scenario.playing import Played

_NOTHING: frozenset[str] = frozenset()


def compared(fake: Verdict, real: Verdict, apart_from: frozenset[str] = _NOTHING) -> Verdict:
    """Add to the real lane's verdict what differs from the fake lane's.

    Where the scenario says that it does, and why, it is added if nothing differs.

    Args:
        fake: the fake lane's.
        real: the real lane's.
        apart_from: values that are left out, as two plays of one lane differ in them.
    """
    if not (fake.played and real.played):
        return real
    differences = differences_of(fake.played, real.played, apart_from)
    found = [failure for call in differences for failure in call]
    key: Key = ("name",)
    if real.scenario.differs:
        key = ("differs",)
        same = Failure("differs", None, real.scenario.differs, "no difference: remove it", ())
        found = [] if found else [same]
    failures = [(failure, real.scenario.line(key)) for failure in found]
    return replace(
        real,
        outcome=Outcome.FAILED if failures else real.outcome,
        failures=(*real.failures, *failures),
        compared=len(differences),
        differing=sum(map(bool, differences)) if failures else 0,
        unsteady=tuple(sorted(apart_from)),
    )


def differences_of(
    fake: Sequence[Played], real: Sequence[Played], apart_from: frozenset[str] = _NOTHING
) -> list[list[Failure]]:
    """What differs in each call; an empty list where nothing does."""
    return [list(_differences(*pair, apart_from)) for pair in zip_longest(fake, real)]


def _differences(
    fake: Played | None, real: Played | None, apart_from: frozenset[str]
) -> Iterator[Failure]:
    """What differs of one call, on any rank."""
    ranks = [[] if played is None else played.ranks for played in (fake, real)]
    for rank, (one, other) in enumerate(zip_longest(*ranks)):
        for failure in _differences_of_one(one, other, apart_from):
            yield replace(failure, what=f"{failure.what}, rank {rank}") if rank else failure


def _differences_of_one(
    fake: Played | None, real: Played | None, apart_from: frozenset[str]
) -> Iterator[Failure]:
    """What differs of one call on one rank: the first event that does, the history, the files."""
    timelines = [timeline_of(played, apart_from) for played in (fake, real)]
    for one, other in zip_longest(*timelines):
        if one != other:
            epoch = getattr(one, "epoch", getattr(other, "epoch", None))
            yield Failure("the lanes' timelines", epoch, str(one), str(other), ())
            break
    for what, mine, theirs in (
        ("history", _history(fake, apart_from), _history(real, apart_from)),
        ("files", _files(fake, apart_from), _files(real, apart_from)),
        ("error", _error(fake), _error(real)),
    ):
        if mine != theirs:
            yield Failure(f"the lanes' {what}", None, mine, theirs, ())


def _history(played: Played | None, apart_from: frozenset[str]) -> str:
    # As text, in which nan equals nan.
    if played is None or played.run is None:
        return "none"
    return repr(history_of(played, apart_from))


def _files(played: Played | None, apart_from: frozenset[str]) -> str:
    files = [] if played is None else sorted(played.files.items())
    told = (f"{path}: {content}" for path, content in files if path not in apart_from)
    return ", ".join(told) or "none"


def _error(played: Played | None) -> str:
    if played is None or played.error is None:
        return "none"
    return f"{type(played.error).__name__}: {played.message}"
