"""A run tells rates as people write them."""

import json
from pathlib import Path

import pytest

from dryfit import play
from dryfit.cli import main
from dryfit.events import Began, Trained
from dryfit_fakes import SetLearningRateAt
from dryfit_fakes.float32 import float32, shortest


@pytest.mark.parametrize("lane", ["fake", "real"])
def test_rates_are_the_shortest_decimals(lane: str) -> None:
    """A float32 that callbacks see as 0.10000000149 is 0.1, wherever a run tells it."""
    callbacks = [SetLearningRateAt(0.3, epoch=1, hook="on_epoch_end")]
    run = play({"loss": "1x3"}, callbacks, lane, learning_rate=0.1)
    assert run.learning_rate == run.rates == (0.1, 0.1, 0.3)
    assert run.learning_rate_after == (0.1, 0.3, 0.3)
    assert [(c.old, c.new) for c in run.changes] == [(0.1, 0.3)]
    told = [e for e in run.timeline if isinstance(e, Began | Trained)]
    assert [e.learning_rate for e in told] == [0.1, 0.1, 0.1, 0.3]


def test_rates_of_several_optimizers() -> None:
    """Each by its name."""
    run = play({"loss": "1x2"}, [], optimizers={"slow": 0.1, "fast": 0.7})
    assert run.learning_rates == {"slow": (0.1, 0.1), "fast": (0.7, 0.7)}


def test_json_has_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As the file was written."""
    file = tmp_path / "a.scenario.yaml"
    file.write_text(
        "name: a\nscript: {learning_rate: .1, metrics: {loss: 1x2}}\ncallbacks: []\n"
        "expect: {epochs_run: 2}\n",
        encoding="utf-8",
    )
    assert main(["run", str(file), "--format", "json"]) == 0
    printed = capsys.readouterr().out
    json.loads(printed)
    assert "0.1000000" not in printed


@pytest.mark.parametrize("value", [0.1, 1e-7, 3.4028234663852886e38, 1.1754943508222875e-38, 1 / 3])
def test_the_shortest_is_the_same_float32(value: float) -> None:
    """The largest and the smallest of all, too."""
    assert float32(shortest(float32(value))) == float32(value)
    assert len(repr(shortest(float32(value)))) <= len(repr(float32(value)))
