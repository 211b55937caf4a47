"""Rates of several optimizers in scripts and expectations."""

import re
from pathlib import Path

import keras
import pytest
from packaging.version import Version

from dryfit import play
from dryfit.cli import main
from dryfit_fakes.script_values import ScriptError

SCENARIO = """\
name: two rates
script: {{optimizers: {{slow: .1, fast: .2}}, metrics: {{loss: 1x2}}}}
callbacks: [LearningRateScheduler: {{schedule: {{piecewise: {{0: .1, 1: .05}}}}}}]
expect: {{{expected}}}
"""

RECENT = pytest.mark.skipif(
    Version(keras.__version__) < Version("3.7"),
    reason="there LearningRateScheduler takes no model of several optimizers",
)


def _run(tmp_path: Path, expected: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    file = tmp_path / "rates.scenario.yaml"
    file.write_text(SCENARIO.format(expected=expected), encoding="utf-8")
    status = main(["run", str(file)])
    return status, capsys.readouterr().out


@RECENT
@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("learning_rate: {slow: .1 .05, fast: .1 .05}", None),
        ("learning_rate: {fast: .1 .05}", None),
        ("learning_rate: {slow: .1 .1}", "learning_rate.slow, epoch 1 exp: 0.1 got: 0.05"),
        (
            "learning_rate: .1 .05",
            "learning_rate exp: rates of one optimizer got: rates of fast, slow",
        ),
        (
            "learning_rate_after: {slwo: .1 .05}",
            "learning_rate_after.slwo exp: rates got: no such optimizer; "
            "did you mean 'slow'?; there are fast, slow",
        ),
        (
            "reductions: [{epoch: 0, optimizer: slow}, {epoch: 1}, {epoch: 1}]",
            "reductions[0].optimizer, epoch 0 exp: slow got: fast",
        ),
    ],
)
def test_rates_are_expected_by_optimizer(
    expected: str, told: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is a series under the optimizer's name; what is wrong is said of that one."""
    status, out = _run(tmp_path, expected, capsys)
    assert status == (0 if told is None else 1)
    if told is not None:
        without_places = re.sub(r"  \(.*?\)", "", out)
        assert told in " ".join(without_places.split())


@RECENT
def test_accept_writes_them_by_optimizer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what it wrote holds."""
    monkeypatch.delenv("CI", raising=False)
    assert _run(tmp_path, "learning_rate: {slow: 1 1}", capsys)[0] == 1
    file = tmp_path / "rates.scenario.yaml"
    main(["accept", str(file)])
    assert "learning_rate: {slow: 0.1 0.05, fast: 0.1 0.05}" in file.read_text(encoding="utf-8")
    assert main(["run", str(file)]) == 0


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"optimizers": {"a": 0.1}, "learning_rate": 0.1},
            "learning_rate is for one optimizer, and optimizers has one for each",
        ),
        ({"optimizers": 0.1}, "optimizers is a mapping of names to rates, not 0.1"),
        (
            {"optimizers": {"a": "x"}},
            "optimizers['a'] is a number or a LearningRateSchedule, not 'x'",
        ),
        (
            {"late_optimizers": True},
            "late_optimizers says when optimizers are made; there is no optimizers",
        ),
        (
            {"optimizers": {"a": 0.1}, "late_optimizers": "yes"},
            "late_optimizers is true or false, not 'yes'",
        ),
    ],
)
def test_wrong_optimizers_are_refused(keys: dict[str, object], message: str) -> None:
    """With what was found."""
    with pytest.raises(ScriptError) as caught:
        play({"loss": "1x2"}, [], **keys)
    assert str(caught.value) == message


def test_a_lent_model_must_have_them() -> None:
    """By their names."""
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="the script's optimizers are slow, and the model has one"):
        play({"loss": "1x2"}, [], model=model, optimizers={"slow": 0.1})
