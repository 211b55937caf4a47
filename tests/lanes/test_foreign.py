"""Callbacks of other packages, unmodified."""

from typing import Any

import pytest

from dryfit import Script, play

SCRIPT = Script(metrics={"loss": "3 2 1 2", "val_loss": "6 5 4 5"}, batches=3)


def test_tqdm(capsys: pytest.CaptureFixture[str]) -> None:
    """TqdmCallback assigns its batch hooks on the instance; its bars count to the end."""
    keras_bars = pytest.importorskip("tqdm.keras")
    bars = keras_bars.TqdmCallback(verbose=1)
    run = play(SCRIPT, [bars])
    assert run.epochs_run == 4
    assert bars.epoch_bar.n == 4
    assert "100%" in capsys.readouterr().err


class _Trial:
    """What KerasPruningCallback asks of an optuna trial."""

    def __init__(self, prune_at: int) -> None:
        self.prune_at = prune_at
        self.reports: list[tuple[float, int]] = []

    def report(self, value: float, step: int) -> None:
        self.reports.append((value, step))

    def should_prune(self) -> bool:
        return self.reports[-1][1] == self.prune_at


def test_optuna() -> None:
    """KerasPruningCallback raises TrialPruned out of on_epoch_end; the run so far is on it."""
    optuna = pytest.importorskip("optuna")
    integration = pytest.importorskip("optuna_integration.keras")
    trial: Any = _Trial(prune_at=2)
    with pytest.raises(optuna.TrialPruned) as caught:
        play(SCRIPT, [integration.KerasPruningCallback(trial, "val_loss")])
    assert trial.reports == [(6.0, 0), (5.0, 1), (4.0, 2)]
    assert caught.value.run.raised.by == "KerasPruningCallback"


def test_optuna_with_a_real_trial() -> None:
    """The whole of optuna, in memory: a pruner that lets nothing pass epoch 1."""
    optuna = pytest.importorskip("optuna")
    integration = pytest.importorskip("optuna_integration.keras")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(pruner=optuna.pruners.ThresholdPruner(upper=5.5, n_warmup_steps=1))

    def objective(trial: Any) -> float:
        callback = integration.KerasPruningCallback(trial, "val_loss")
        return float(play({"val_loss": "7 6 5 4"}, [callback]).history["val_loss"][-1])

    study.optimize(objective, n_trials=1)
    assert study.trials[0].state.name == "PRUNED"
    assert sorted(study.trials[0].intermediate_values) == [0, 1]


def test_livelossplot() -> None:
    """PlotLossesKeras gets every epoch's logs; its text output is asked for, no figure."""
    livelossplot = pytest.importorskip("livelossplot")
    plot = livelossplot.PlotLossesKerasTF(outputs=["ExtremaPrinter"])
    run = play(SCRIPT, [plot])
    text = "\n".join(line.text for line in run.prints)
    assert run.epochs_run == 4
    assert "(min:    4.000, max:    6.000, cur:    5.000)" in text
