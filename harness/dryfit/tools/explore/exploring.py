"""Looking for scripts and settings with which a callback does not do what is documented."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from dryfit.judge.quiet import quiet
from dryfit.lanes.parallel_jobs import in_bulk
from dryfit.lanes.storage_aside import storage_aside
from dryfit.scenario.given_training import USUAL_TRAINING, GivenTraining
from dryfit.tools.explore.disagreement import Disagreement, disagreement, known_defects
from dryfit.tools.explore.explored import Explored, Maker, explored
from dryfit.tools.explore.promises import Defect
from dryfit.tools.explore.smaller import smallest
from dryfit_fakes.script import Script


@dataclass(frozen=True)
class Exploration:
    """What came of looking.

    Attributes:
        found: disagreements, each as small as it can be, in the order found. The last may
            be of no known defect; behind that one, no more can be told apart.
        examples: how many were played, those of the shrinking left out.
        first_at: which example showed each of those found, from 1, of the search that did.
    """

    found: tuple[Disagreement, ...]
    examples: int
    first_at: tuple[int, ...]


class _FoundError(Exception):
    def __init__(self, found: Disagreement) -> None:
        super().__init__()
        self.found = found


def explore(
    callback_class: Maker,
    *,
    given: Mapping[str, Sequence[Any]] | None = None,
    training: GivenTraining = USUAL_TRAINING,
    examples: int = 200,
    seed: int = 0,
    without: Iterable[str | Defect] = (),
    most: int | None = None,
    jobs: int = 1,
) -> Exploration:
    """Play random scripts to a callback until nothing new disagrees with its documentation.

    The same seed gives the same findings, with as many processes. A search begins anew after
    each finding, without the defect that it shows.

    Args:
        callback_class: as in `disagreement`.
        given: what some arguments may be, one of which is always given, as a scenario file
            has them; what is not among them is drawn from what is documented.
        training: the model that it is lent, and what that reports besides.
        examples: how many each search plays at most.
        seed: where Hypothesis starts.
        without: known defects that are no news, as the names or ids of `known_defects`.
        most: how many findings are enough; by default all.
        jobs: processes; each takes a share of a search's examples, and a seed of its own from
            `seed` on. Of several findings the one of the first seed counts.

    Raises:
        ImportError: Hypothesis is not installed.
        ConstructionError: the function makes no callback.
        ValueError: no known defect of the callback is named so, or there is no process.
        WorkersDiedError: a process is ended by what it plays.
    """
    if jobs < 1:
        raise ValueError(f"jobs is {jobs}; a search needs 1 or more")
    subject = explored(callback_class, given, training)
    excluded = set(_defects(subject.kind, without))
    found: list[Disagreement] = []
    first_at: list[int] = []
    played = 0
    while True:
        if jobs == 1:
            disagrees, count = _search(subject, examples, seed, excluded)
            played += count
        else:
            share = partial(_share, callback_class, given, training, -(-examples // jobs), excluded)
            told = [result for _, result in sorted(in_bulk(share, range(seed, seed + jobs), jobs))]
            played += sum(count for _, count in told)
            disagrees, count = next((one for one in told if one[0] is not None), (None, 0))
        if disagrees is None:
            break
        disagrees = smallest(replace(disagrees, training=subject.training), subject.given)
        found.append(disagrees)
        first_at.append(count)
        if not disagrees.at_issue or len(found) == most:
            break
        excluded.add(disagrees.at_issue[0])
    return Exploration(tuple(found), played, tuple(first_at))


def _share(
    callback_class: Maker,
    given: Mapping[str, Sequence[Any]] | None,
    training: GivenTraining,
    examples: int,
    excluded: set[Defect],
    seed: int,
) -> tuple[Disagreement | None, int]:
    """Search in a process of its own, which makes its own model."""
    with quiet():
        found, count = _search(explored(callback_class, given, training), examples, seed, excluded)
    return found and replace(found, training=USUAL_TRAINING), count


def _search(
    subject: Explored, examples: int, seed: int, excluded: set[Defect]
) -> tuple[Disagreement | None, int]:
    """The smallest disagreement, and how many examples it took to see one."""
    from dryfit.tools.explore.drawn_scripts import (
        cases_of,  # before Hypothesis itself: it says which extra
    )

    # isort: split
    import hypothesis

    count, seen = 0, False

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        database=None,  # what an earlier search saw is no part of this one
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(cases_of(subject))
    def agrees(case: tuple[Script, dict[str, Any]]) -> None:
        nonlocal count, seen
        script, settings = case
        count += not seen
        disagrees = disagreement(script, subject.make, settings, training=subject.training)
        if disagrees is not None and excluded.isdisjoint(disagrees.at_issue):
            seen = True
            raise _FoundError(disagrees)

    try:
        with storage_aside():
            agrees()
    except _FoundError as error:
        return error.found, count
    return None, count


def _defects(callback_class: type, names: Iterable[str | Defect]) -> Iterable[Defect]:
    known = known_defects(callback_class)
    for name in names:
        meant = [defect for defect in known if name in (defect, defect.name, defect.id)]
        if not meant:
            told = ", ".join(f"{defect.name!r} ({defect.id})" for defect in known) or "none"
            raise ValueError(
                f"{name!r} is no known defect of {callback_class.__name__}; there are {told}"
            )
        yield from meant
