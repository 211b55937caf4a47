"""A scenario in the lanes that are asked for: each judged, and both compared."""

from collections.abc import Iterator, Sequence

from dryfit.judge.clock_or_chance import unsteady
from dryfit.judge.determinism import played_again
from dryfit.judge.outcome import Outcome
from dryfit.judge.parity import compared
from dryfit.judge.quiet import quiet
from dryfit.judge.verdict import Verdict, judge
from dryfit.recorder.notes import readable
from dryfit.scenario.scenario import Scenario
from dryfit_fakes.script_keywords import Lane


def judge_in_lanes(
    scenario: Scenario, lanes: Sequence[Lane], *, again: bool = False
) -> Iterator[Verdict]:
    """Judge a scenario in each lane; what the real one tells otherwise than the fake is added.

    Args:
        scenario: what to play.
        lanes: ``"fake"``, ``"real"`` or both, the fake one first.
        again: whether each play is made twice, and both have to be the same.
    """
    fake: Verdict | None = None
    for lane in lanes:
        verdict = judge(scenario, lane, whole=again or len(lanes) > 1)
        if fake is not None:
            verdict = _compared(fake, verdict)
        fake = verdict
        yield played_again(verdict) if again else verdict


def judge_whatever_comes(
    scenario: Scenario, lanes: Sequence[Lane], unforeseen: list[Exception]
) -> list[Verdict]:
    """Judge a scenario in lanes, without a word; what no verdict can be made of is an error.

    Args:
        unforeseen: takes that.

    Raises:
        OSError: of what is around the command: no scenario can be played then.
    """
    try:
        with quiet():
            return list(judge_in_lanes(scenario, lanes))
    except OSError:
        raise
    except Exception as error:  # ours, or of a callback where nobody looks for one
        unforeseen.append(error)
        error.add_note(f"at {scenario.file}::{scenario.slug}")
        line = f"{scenario.file}:{scenario.line(('name',))}"
        told = f"{line}: internal error: {type(error).__name__}: {readable(error)}"
        return [Verdict(scenario, lane, Outcome.ERROR, told) for lane in lanes]


def _compared(fake: Verdict, real: Verdict) -> Verdict:
    """Compare two lanes; where they differ, in what does not differ in one lane already."""
    verdict = compared(fake, real)
    if not verdict.differing:
        return verdict
    again = judge(fake.scenario, fake.lane, whole=True)
    names = unsteady(fake.played, again.played)
    return compared(fake, real, names) if names else verdict
