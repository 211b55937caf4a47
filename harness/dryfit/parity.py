"""Whether both lanes tell the same of a scenario: whole timelines, histories and files."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from dryfit.expect import Failure
from dryfit.scenario.playing import Played
from dryfit.scenario.source import Key
from dryfit.verdict import Verdict


def compared(fake: Verdict, real: Verdict) -> Verdict:
    """Add to the real lane's verdict what differs from the fake lane's.

    Where the scenario says that it does, and why, it is added if nothing differs.
    """
    if not (fake.played and real.played):
        return real
    differences = differences_of(fake.played, real.played)
    found = [failure for call in differences for failure in call]
    key: Key = ("name",)
    if real.scenario.differs:
        key = ("differs",)
        same = Failure("differs", None, real.scenario.differs, "no difference: remove it", ())
        found = [] if found else [same]
    failures = [(failure, real.scenario.line(key)) for failure in found]
    return replace(
        real,
        outcome="failed" if failures else real.outcome,
        failures=(*real.failures, *failures),
        compared=len(differences),
        differing=sum(map(bool, differences)) if failures else 0,
    )


def differences_of(fake: Sequence[Played], real: Sequence[Played]) -> list[list[Failure]]:
    """What differs in each call; an empty list where nothing does."""
    return [list(_differences(*pair)) for pair in zip_longest(fake, real)]


def _differences(fake: Played | None, real: Played | None) -> Iterator[Failure]:
    """What differs of one call: the first event that does, the history, the files."""
    timelines = [() if p is None or p.run is None else p.run.timeline for p in (fake, real)]
    for one, other in zip_longest(*timelines):
        if one != other:
            epoch = getattr(one, "epoch", getattr(other, "epoch", None))
            yield Failure("the lanes' timelines", epoch, str(one), str(other), ())
            break
    for what in (_history, _files, _error):
        mine, theirs = what(fake), what(real)
        if mine != theirs:
            yield Failure(f"the lanes' {what.__name__[1:]}", None, mine, theirs, ())


def _history(played: Played | None) -> str:
    # As text, in which nan equals nan.
    return "none" if played is None or played.run is None else repr(played.run.history)


def _files(played: Played | None) -> str:
    files: dict[str, Any] = {} if played is None else played.files
    return ", ".join(f"{path}: {content}" for path, content in sorted(files.items())) or "none"


def _error(played: Played | None) -> str:
    if played is None or played.error is None:
        return "none"
    return f"{type(played.error).__name__}: {played.message}"
