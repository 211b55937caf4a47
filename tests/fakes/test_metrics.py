"""Directions of metrics, for mode="auto"."""

import inspect

import keras
import pytest

from dryfit import Script, play
from dryfit_fakes.metrics import DOWN, UP

_ARGUMENTS = {"num_classes": 2, "target_class_ids": [0], "fn": None}


def _instances() -> dict[str, keras.metrics.Metric]:
    found = {}
    for name, kind in vars(keras.metrics).items():
        if inspect.isclass(kind) and issubclass(kind, keras.metrics.Metric):
            required = [
                key
                for key, parameter in inspect.signature(kind).parameters.items()
                if parameter.default is inspect.Parameter.empty
                and parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
            ]
            if name not in ("Metric", "MeanMetricWrapper"):
                found[name] = kind(**{key: _ARGUMENTS.get(key, 0.5) for key in required})
    return found


def test_the_table_says_what_keras_metrics_says() -> None:
    """Every class of keras.metrics, asked for its name and direction, is in the table."""
    told = {
        metric.name.rstrip("_0123456789"): getattr(metric, "_direction", None)  # auc_1 is auc
        for metric in _instances().values()
    }
    assert len(told) > 40
    table = {name: "up" if name in UP else "down" if name in DOWN else None for name in told}
    assert table == told


def test_short_names_have_the_direction_that_compile_gives_them() -> None:
    """metrics=["mae"] is minimised and metrics=["acc"] maximised."""
    for name in sorted(UP | DOWN):
        if name != "acc" and (metric := _by_name(name)) is not None:
            assert metric._direction == ("up" if name in UP else "down"), name


def _by_name(name: str) -> keras.metrics.Metric | None:
    try:
        metric = keras.metrics.get(name)
    except (ValueError, TypeError):
        return None
    return metric if isinstance(metric, keras.metrics.Metric) else None


@pytest.mark.parametrize("lane", ["fake", "real"])
@pytest.mark.parametrize(
    ("metric", "directions", "stopped"),
    [("val_auc", {}, 2), ("val_mae", {}, 1), ("val_f1", {"f1": "up"}, 2)],
)
def test_auto_finds_the_direction(
    metric: str, directions: dict[str, str], stopped: int, lane: str
) -> None:
    """Rising, then falling: stopped at the fall if up is better, at the rise if down is."""
    stopping = keras.callbacks.EarlyStopping(monitor=metric, patience=1)
    run = play({metric: ".1 .2 .1"}, [stopping], lane=lane, directions=directions)
    assert run.stopped_epoch == stopped


@pytest.mark.parametrize("lane", ["fake", "real"])
def test_a_name_that_nobody_knows_raises_keras_own_error(lane: str) -> None:
    """keras#18798: Keras 3 refuses to guess."""
    stopping = keras.callbacks.EarlyStopping(monitor="val_f1")
    with pytest.raises(ValueError, match="isn't able to automatically determine"):
        play({"val_f1": "0 .1 .2"}, [stopping], lane=lane)


def test_a_script_does_not_use_up_keras_automatic_names() -> None:
    """The user's next AUC is still called what it would have been."""
    before = keras.metrics.AUC().name
    play({"val_auc": ".1 .2"}, [keras.callbacks.EarlyStopping(monitor="val_auc")])
    number = int(before.partition("_")[2] or 0)
    assert keras.metrics.AUC().name == f"auc_{number + 1}"


def test_names_leave_out_the_prefix() -> None:
    """A metric that is told for training and validation is one metric."""
    assert Script(metrics={"loss": 1, "val_loss": 1, "val_acc": "1x2"}).names == ("loss", "acc")
