"""Strategies give what they say, and shrink to the short and plain."""

import subprocess
import sys
import warnings
from itertools import pairwise
from typing import Any, Literal

import hypothesis
import keras
import pytest
from hypothesis import strategies as st

from dryfit import Script, play
from dryfit.strategies import callback_settings, curves, scripts

QUIET = hypothesis.settings(database=None, derandomize=True, deadline=None, max_examples=500)


def smallest(strategy: Any, condition: Any) -> Any:
    return hypothesis.find(strategy, condition, settings=QUIET)


@pytest.mark.parametrize(
    ("condition", "curve"),
    [
        (lambda curve: True, [1.0]),
        (lambda curve: len(curve) > 2, [1.0, 1.0, 1.0]),
        (lambda curve: None in curve, [None]),
        (lambda curve: float("inf") in curve[1:], [1.0, float("inf")]),
        (lambda curve: any(a < b for a, b in pairwise(curve)), [1.0, 2.0]),
    ],
)
def test_curves_shrink_to_the_shortest_and_plainest(condition: Any, curve: list[Any]) -> None:
    """The first of the values, as few as show it."""

    def shows(drawn: list[Any]) -> bool:
        try:
            return bool(condition(drawn))
        except TypeError:  # None is not less
            return False

    assert smallest(curves(), shows) == curve


def test_a_curve_has_the_length_and_the_values_asked_for() -> None:
    """A number of epochs, or the least and the most."""
    assert smallest(curves(3, values=[7.0]), lambda curve: True) == [7.0, 7.0, 7.0]
    assert smallest(curves((2, 4)), lambda curve: True) == [1.0, 1.0]


def test_scripts_shrink_to_one_epoch_and_one_batch() -> None:
    """Every metric has as many epochs as the others."""
    script = smallest(scripts(["loss", "val_loss"]), lambda script: True)
    assert script == Script(metrics={"loss": [1.0], "val_loss": [1.0]}, epochs=1, batches=1)


def test_settings_shrink_to_none() -> None:
    """What may be left out is left out."""
    assert smallest(callback_settings(keras.callbacks.EarlyStopping), lambda s: True) == {}
    checkpoint = smallest(callback_settings(keras.callbacks.ModelCheckpoint), lambda s: True)
    assert checkpoint == {"filepath": "best.weights.h5", "save_weights_only": True}


@hypothesis.settings(QUIET, max_examples=50)
@hypothesis.given(
    scripts(["loss", "val_loss"]), callback_settings(keras.callbacks.ReduceLROnPlateau)
)
def test_a_property_of_every_run(script: Script, settings: dict[str, Any]) -> None:
    """A plateau never raises a rate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an absent metric
        run = play(script, [keras.callbacks.ReduceLROnPlateau(**settings)])
    assert all(change.new < change.old for change in run.changes)


class Mine(keras.callbacks.Callback):
    def __init__(
        self,
        patience: int,
        kind: Literal["hard", "soft"] = "hard",
        strict: bool = True,
        scale: float = 3.0,
        name: str = "mine",
    ) -> None:
        super().__init__()


def test_a_class_of_ones_own_is_read_by_annotations_and_defaults() -> None:
    """Numbers, switches and literals; the rest stays at its default."""
    mine = callback_settings(Mine)
    assert smallest(mine, lambda settings: True) == {"patience": 1}
    assert smallest(mine, lambda s: {"kind", "strict", "scale"} <= s.keys()) == {
        "patience": 1,
        "kind": "hard",
        "strict": False,
        "scale": 1.0,
    }
    assert smallest(callback_settings(Mine, {"patience": st.just(9)}), bool) == {"patience": 9}


class Opaque(keras.callbacks.Callback):
    def __init__(self, model_of: Any, times: int = 1) -> None:
        super().__init__()


def test_what_no_annotation_tells_has_to_be_given() -> None:
    """The error has the call that would do."""
    with pytest.raises(TypeError) as caught:
        callback_settings(Opaque)
    assert str(caught.value) == (
        "Opaque needs 'model_of', and no plain annotation says what that is; give a strategy: "
        "callback_settings(Opaque, {'model_of': st.sampled_from([...])})"
    )
    given = callback_settings(Opaque, {"model_of": st.just("x")})
    assert smallest(given, bool) == {"model_of": "x"}


def test_a_parameter_that_is_not_there_is_refused() -> None:
    """With those that are."""
    with pytest.raises(TypeError, match="Opaque has no parameter modle_of; there are model_of"):
        callback_settings(Opaque, {"modle_of": st.just("x")})


def test_without_hypothesis_the_error_names_the_extra() -> None:
    """It is no dependency of dryfit."""
    code = "import sys; sys.modules['hypothesis'] = None; from dryfit.strategies import curves"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stderr.splitlines()[-1] == (
        "ImportError: dryfit.strategies needs Hypothesis; install the extra: "
        "pip install 'dryfit[hypothesis]'"
    )
