"""Whether a scenario plays twice alike: whole timelines of all calls."""

from dataclasses import replace

from dryfit.judge.outcome import Outcome
from dryfit.judge.verdict import Verdict, judge

TWO_TIMELINES = "two plays have different timelines"


def played_again(verdict: Verdict) -> Verdict:
    """Play once more what holds; it fails where its timelines are others now.

    Args:
        verdict: of a whole play.
    """
    if not verdict.holds or verdict.run is None:
        return verdict
    again = judge(verdict.scenario, verdict.lane, whole=True)
    if _timelines(again) == _timelines(verdict):
        return verdict
    return replace(verdict, outcome=Outcome.FAILED, reason=TWO_TIMELINES)


def _timelines(verdict: Verdict) -> list[object]:
    everywhere = [rank for played in verdict.played for rank in played.ranks]
    return [None if rank.run is None else rank.run.timeline for rank in everywhere]
