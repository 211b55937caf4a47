"""What only a clock makes different is no difference between lanes, and is said."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import keras
import pytest

from dryfit import load_scenarios
from dryfit.cli import main
from dryfit.judge.every_lane import judge_in_lanes
from dryfit.judge.outcome import Outcome
from dryfit.judge.verdict import Verdict

ticks: Iterator[int] = count()  # another in every play, as a clock is


class KeepsTime(keras.callbacks.Callback):  # type: ignore[misc]
    def on_train_begin(self, logs: Any = None) -> None:
        self.began = next(ticks)
        Path("began.txt").write_text(f"{self.began}\n")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["took"] = float(next(ticks))
        print("took", logs["took"])


class KnowsTheLane(keras.callbacks.Callback):  # type: ignore[misc]
    def on_train_begin(self, logs: Any = None) -> None:
        self.began = next(ticks)
        self.kind = type(self.model).__name__


def in_both_lanes(folder: Path, kind: str) -> Verdict:
    file = folder / "it.scenario.yaml"
    file.write_text(
        "name: it\nscript: {metrics: {loss: 3 2}}\n"
        f"callbacks: [test_clock_or_chance:{kind}]\nexpect: {{epochs_run: 2}}\n"
    )
    (scenario,) = load_scenarios(file)
    *_, verdict = judge_in_lanes(scenario, ("fake", "real"))
    return verdict


def test_what_a_clock_says_is_not_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An attribute, a key of logs, what is printed and a file; the last line names them."""
    verdict = in_both_lanes(tmp_path, "KeepsTime")
    assert verdict.outcome is Outcome.PASSED
    assert verdict.unsteady == (
        "KeepsTime.began",
        "began.txt",
        "logs['took']",
        "what KeepsTime prints",
    )
    assert main(["run", str(tmp_path / "it.scenario.yaml"), "--lane", "both"]) == 0
    assert capsys.readouterr().out.endswith(
        "2 passed; 1 call compared, 0 differ; another in every play, and not compared: "
        "KeepsTime.began, began.txt, logs['took'], what KeepsTime prints\n"
    )


def test_what_the_lanes_make_different_still_fails(tmp_path: Path) -> None:
    """The clock is left out, and the class of the model is the difference that is told."""
    verdict = in_both_lanes(tmp_path, "KnowsTheLane")
    assert verdict.outcome is Outcome.FAILED
    assert verdict.unsteady == ("KnowsTheLane.began",)
    assert [(f.what, f.expected.rpartition("attribute=")[2]) for f, _ in verdict.failures] == [
        ("the lanes' timelines", "'kind', value='ScriptedModel')")
    ]
