"""A second play that is another one is noticed, in whichever call and on whichever rank."""

from pathlib import Path

import pytest

from dryfit import load_scenarios
from dryfit.judge.every_lane import judge_in_lanes

COUNTS = """
from pathlib import Path
from keras.callbacks import Callback

class Counts(Callback):
    def on_train_end(self, logs=None):
        log = Path(__file__).with_name("counted")
        count = log.stat().st_size if log.exists() else 0
        log.write_text("x" * (count + 1))
        print(WHAT)
"""
ONE = """
name: one call
script: {metrics: {loss: 1x2}}
callbacks: ["counts:Counts"]
expect: {epochs_run: 2}
"""
TWO = """
name: two calls
callbacks: ["counts:Counts"]
calls:
  - call: fit
    script: {metrics: {loss: 1x2}}
    expect: {epochs_run: 2}
  - call: fit
    script: {metrics: {loss: 1x2}}
    expect: {epochs_run: 2}
"""
RANKS = """
name: two ranks
script: {ranks: 2, metrics: {loss: 1x2}}
callbacks: ["counts:Counts"]
expect: {epochs_run: 2}
"""
OTHERWISE = ("failed", "two plays have different timelines")


@pytest.mark.parametrize(
    ("text", "what", "told"),
    [
        (ONE, "0", ("passed", "")),
        (ONE, "count", OTHERWISE),
        (TWO, "0", ("passed", "")),
        (TWO, "count == 0", OTHERWISE),  # the first call of the first play
        (RANKS, "0", ("passed", "")),
        (RANKS, "count == 0", OTHERWISE),  # rank 1 of the first play: it goes before rank 0
    ],
)
def test_two_plays_are_compared(
    text: str, what: str, told: tuple[str, str], tmp_path: Path
) -> None:
    """What a callback prints another time is another timeline."""
    (tmp_path / "counts.py").write_text(COUNTS.replace("WHAT", what))
    file = tmp_path / "a.scenario.yaml"
    file.write_text(text)
    (verdict,) = judge_in_lanes(load_scenarios(file)[0], ("fake",), again=True)
    assert (verdict.outcome, verdict.reason) == told
