"""Play a pack with each single fault in a callback."""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dryfit.tools.mutate.cases import JudgedCase
from dryfit.tools.mutate.child import NoAnswerError, in_a_child
from dryfit.tools.mutate.class_source import ClassSource, Fault, put_in, sources
from dryfit.tools.mutate.reached import Reached
from dryfit.tools.mutate.scenarios_and_tests import Pack, PackError

_BASELINE_S = 1800.0
_LEAST_S = 10.0


@dataclass(frozen=True, slots=True)
class PlayedMutant:
    """What came of a case without any fault.

    Attributes:
        reached: the methods that it called, as ``Class.method``.
    """

    case: JudgedCase
    seconds: float
    reached: frozenset[str]


@dataclass(frozen=True, slots=True)
class Survivor:
    """A fault that no case notices.

    Attributes:
        reached: whether any case calls the method.
    """

    fault: Fault
    reached: bool


@dataclass(frozen=True)
class Mutation:
    """What a pack notices of a callback's faults.

    Attributes:
        scenarios: how many reach the class.
        tests: likewise.
        left_out: how many faults were not put in, as was asked.
    """

    kind: type
    faults: tuple[Fault, ...]
    survivors: tuple[Survivor, ...]
    scenarios: int
    tests: int
    left_out: int = 0

    @property
    def noticed(self) -> int:
        """How many faults some case notices."""
        return len(self.faults) - len(self.survivors)

    @property
    def percent(self) -> float:
        """How many of a hundred."""
        return 100.0 * self.noticed / len(self.faults)


def mutate(
    kind: type,
    pack: Pack,
    *,
    lines: Callable[[int], bool] = lambda line: True,
    most: int | None = None,
    seed: int = 0,
    each: Callable[[Sequence[Fault]], Iterable[Fault]] = lambda faults: faults,
) -> Mutation:
    """Put each single fault into a callback's class, and see whether any case notices.

    Args:
        kind: the class; methods of bases by the same author count too.
        pack: what is to notice.
        lines: of the file, in which faults are made.
        most: how many faults, taken at random.
        seed: of what is taken.
        each: hands the faults on, for a progress bar.

    Raises:
        NoSourceError: the class's source cannot be read.
        PackError: some case does not hold without any fault, none reaches the class, or
            there is no fault to make.
    """
    mine = sources(kind)
    played = baseline(kind, mine, pack)
    there = [fault for source in mine for fault in source.faults() if lines(fault.line)]
    there.sort(key=lambda fault: (str(fault.source.file), fault.line))
    if not there:
        raise PackError(f"no fault can be made in {kind.__name__}, or none in the lines asked for")
    faults = there if most is None or most >= len(there) else _some(there, most, seed)
    survivors = []
    for fault in each(faults):
        cases = [one for one in played if fault.key in one.reached]
        if not is_noticed(fault, pack, cases):
            survivors.append(Survivor(fault, bool(cases)))
    reaching = [one.case.name for one in played if one.reached]
    tests = sum(".py::" in name for name in reaching)
    return Mutation(
        kind,
        tuple(faults),
        tuple(survivors),
        len(reaching) - tests,
        tests,
        len(there) - len(faults),
    )


def baseline(kind: type, mine: Sequence[ClassSource], pack: Pack) -> list[PlayedMutant]:
    """Play the pack without any fault.

    Raises:
        PackError: some case does not hold, or none reaches the class.
    """

    def job() -> list[PlayedMutant]:
        reached, played, began = Reached(mine), [], time.perf_counter()

        def seen(case: JudgedCase) -> bool:
            nonlocal began
            now = time.perf_counter()
            played.append(PlayedMutant(case, now - began, reached.taken()))
            began = now
            return True

        with reached.watched():
            pack.play(seen)
        return played

    try:
        played: list[PlayedMutant] = in_a_child(job, _BASELINE_S)
    except NoAnswerError as error:
        raise PackError(f"the pack cannot be played without any fault: {error}") from None
    if wrong := [one.case for one in played if not one.case.holds]:
        told = "; ".join(f"{case.name}: {case.outcome}: {case.reason}" for case in wrong)
        raise PackError(f"the pack does not hold without any fault, mend it first: {told}")
    if not any(one.reached for one in played):
        raise PackError(
            f"none of {len(played)} scenarios and tests calls a method of {kind.__name__}; "
            "a test counts if it uses the fixture scripted_fit, scripted_model or check_callback"
        )
    return played


def is_noticed(fault: Fault, pack: Pack, cases: Sequence[PlayedMutant]) -> bool:
    """Whether some case has another outcome with a fault, or never ends."""
    if not cases:
        return False
    quickest = sorted(cases, key=lambda one: one.seconds)
    outcomes = {one.case.name: one.case.outcome for one in quickest}

    def job() -> bool:
        found: list[JudgedCase] = []

        def seen(case: JudgedCase) -> bool:
            if outcomes.get(case.name) != case.outcome:
                found.append(case)
            return not found

        with put_in(fault):
            pack.play(seen, outcomes)
        return bool(found)

    limit_s = max(_LEAST_S, 10 * sum(one.seconds for one in cases))
    try:
        noticed: bool = in_a_child(job, limit_s)
    except NoAnswerError:  # it never ends, or ends the process: that is noticed
        return True
    return noticed


def _some(faults: Sequence[Fault], most: int, seed: int) -> list[Fault]:
    chosen = random.Random(seed).sample(range(len(faults)), most)  # noqa: S311  # no secret
    return [faults[index] for index in sorted(chosen)]
