"""What both lanes tell is compared whole: one difference put in, one difference found."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dryfit import load_scenarios
from dryfit.judge.outcome import Outcome
from dryfit.judge.parity import compared
from dryfit.judge.verdict import Verdict, judge
from dryfit.scenario.playing import Played
from dryfit_fakes.weights import INITIAL

SCENARIO = """
name: two epochs
script: {metrics: {loss: 1 .5}}
callbacks: [CSVLogger: {filename: log.csv}]
expect: {epochs_run: 2}
"""


@pytest.fixture
def fake(tmp_path: Path) -> Verdict:
    """A whole play in the fake lane; a copy of it stands for the real lane's."""
    file = tmp_path / "two.scenario.yaml"
    file.write_text(SCENARIO)
    return judge(load_scenarios(file)[0], "fake", whole=True)


def found(fake: Verdict, other: tuple[Played, ...]) -> list[tuple[str, int | None, str, str]]:
    """What a comparison of the play with another one says."""
    verdict = compared(fake, replace(fake, lane="real", played=other))
    assert verdict.outcome is (Outcome.FAILED if verdict.failures else Outcome.PASSED)
    return [(f.what, f.epoch, f.expected, f.got) for f, _ in verdict.failures]


def test_what_is_the_same_does_not_differ(fake: Verdict) -> None:
    """A second play of the same lane is no difference, and one call was compared."""
    second = judge(fake.scenario, "fake", whole=True)
    assert found(fake, second.played) == []
    assert compared(fake, second).compared == 1


def test_a_difference_that_is_told_and_gone_is_one(fake: Verdict) -> None:
    """Where a scenario says why its lanes differ, they do, or the words go."""
    (played,) = fake.played
    told = replace(fake, scenario=replace(fake.scenario, differs="a bug of theirs"))
    assert found(told, (replace(played, error=ValueError("a")),)) == []
    gone = ("differs", None, "a bug of theirs", "no difference: remove it")
    assert found(told, fake.played) == [gone]


def _file(played: Played) -> Played:
    return replace(played, files={**played.files, "log.csv": "epoch,loss\n"})


def _more_files(played: Played) -> Played:
    return replace(played, files={**played.files, "w.weights.h5": INITIAL})


def _no_files(played: Played) -> Played:
    return replace(played, files={})


LOG = "log.csv: epoch,loss,val_loss\n0,1.0,NA\n1,0.5,NA\n"


@pytest.mark.parametrize(
    ("change", "expected", "got"),
    [
        (_file, LOG, "log.csv: epoch,loss\n"),
        (_more_files, LOG, f"{LOG}, w.weights.h5: {INITIAL}"),
        (_no_files, LOG, "none"),
    ],
)
def test_files_are_compared(
    fake: Verdict, change: Callable[[Played], Played], expected: str, got: str
) -> None:
    """A file with something else in it, one more, or none."""
    assert found(fake, (change(fake.played[0]),)) == [("the lanes' files", None, expected, got)]


def test_histories_are_compared(fake: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same timeline and files, another value in History is a difference."""
    (other,) = judge(fake.scenario, "fake", whole=True).played
    assert other.run is not None
    other.run.history["loss"][1] = 0.25
    assert found(fake, (other,)) == [
        ("the lanes' history", None, "{'loss': [1.0, 0.5]}", "{'loss': [1.0, 0.25]}")
    ]


@pytest.mark.parametrize(
    ("mine", "theirs", "expected", "got"),
    [
        (None, ValueError("a"), "none", "ValueError: a"),
        (ValueError("a"), ValueError("b"), "ValueError: a", "ValueError: b"),
        (ValueError("a"), TypeError("a"), "ValueError: a", "TypeError: a"),
    ],
)
def test_errors_are_compared(
    fake: Verdict, mine: Exception | None, theirs: Exception, expected: str, got: str
) -> None:
    """Whether there is one, its class and its text."""
    (played,) = fake.played
    fake = replace(fake, played=(replace(played, error=mine),))
    assert found(fake, (replace(played, error=theirs),)) == [
        ("the lanes' error", None, expected, got)
    ]


@pytest.mark.parametrize("longer", ["fake", "real"])
def test_a_timeline_that_goes_on_differs(
    fake: Verdict, longer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All events that both have are the same, and one lane has one more."""
    (short,) = judge(fake.scenario, "fake", whole=True).played
    assert short.run is not None
    *_, last = short.run.timeline
    monkeypatch.setattr(short.run, "timeline", short.run.timeline[:-1])
    if longer == "fake":
        assert found(fake, (short,)) == [("the lanes' timelines", None, str(last), "None")]
    else:
        whole, shorter = fake.played, replace(fake, played=(short,))
        assert found(shorter, whole) == [("the lanes' timelines", None, "None", str(last))]


def test_a_call_that_one_lane_lacks_differs(fake: Verdict) -> None:
    """The second call of the real lane has no fake one beside it."""
    first, *_ = found(fake, fake.played * 2)
    (played,) = fake.played
    assert played.run is not None
    assert first == ("the lanes' timelines", None, "None", str(played.run.timeline[0]))
