"""What is made for the Keras that this process has not is refused, with which is whose."""

import re
from pathlib import Path
from typing import Any

import pytest

from dryfit import Recorder, Script, ScriptedModel, load_scenarios, play
from dryfit.judge.verdict import judge
from dryfit.tools.check.battery import check_callback
from dryfit_fakes import keras_of_process
from dryfit_fakes.backend import keras
from dryfit_fakes.keras_choice import NAME as HERE
from dryfit_fakes.keras_choice import ON_BOTH
from dryfit_fakes.keras_of_process import of_another_keras

THERE = "keras" if HERE == "tf_keras" else "tf_keras"
WHOSE = (
    rf"is made for Keras . \({THERE}\), and this process has Keras . \(.*`import {HERE} as keras`"
)


class TheirCallback:
    """By its module a callback of the other Keras, as far as anybody can tell without it."""

    __module__ = f"{THERE}.src.callbacks"

    def set_model(self, model: Any) -> None:
        raise AssertionError("it was refused too late")


class MyStopping(TheirCallback):
    pass


def their_model() -> Any:
    return type("Sequential", (), {"__module__": f"{THERE}.src.engine"})()


def test_a_callback_in_a_play_or_a_recorder() -> None:
    """Before any hook, with its place, its class and the module to mend."""
    with pytest.raises(TypeError, match=rf"callbacks\[1\], a MyStopping, {WHOSE}") as caught:
        play({"loss": "1x1"}, [keras.callbacks.Callback(), MyStopping()])
    assert f"Where {__name__} imports its Keras" in str(caught.value)
    with pytest.raises(TypeError, match=WHOSE):
        Recorder([MyStopping()])


def test_a_model_for_a_recorder_or_a_lane() -> None:
    """A Recorder in the other Keras' `fit`; a model to lend, and one to train."""
    with pytest.raises(TypeError, match=f"the model, a Sequential, {WHOSE}"):
        Recorder([]).set_model(their_model())
    with pytest.raises(TypeError, match=f"model=, a Sequential, {WHOSE}"):
        ScriptedModel(Script(metrics={"loss": "1x1"}), model=their_model())
    with pytest.raises(TypeError, match=f"model=, a Sequential, {WHOSE}"):
        play({"loss": "1x1"}, [], lane="real", model=their_model())


def test_a_callback_of_a_scenario_or_a_check(tmp_path: Path, monkeypatch: Any) -> None:
    """The file and its line are told as well."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    text = f"name: a\nscript: {{metrics: {{loss: 1x1}}}}\ncallbacks: [{__name__}:MyStopping]\n"
    (tmp_path / "a.scenario.yaml").write_text(f"{text}expect: {{epochs_run: 1}}\n")
    (scenario,) = load_scenarios(tmp_path / "a.scenario.yaml")
    said = judge(scenario, "fake").reason
    assert re.search(rf"a\.scenario\.yaml:3.*{WHOSE}", said)
    with pytest.raises(TypeError, match=WHOSE):
        check_callback(MyStopping)


@pytest.mark.parametrize("legacy", [False, True])
def test_each_way_has_its_advice(legacy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to set is the opposite of what is set; TensorFlow's own Keras is nobody's."""
    monkeypatch.setattr(keras_of_process, "LEGACY", legacy)
    monkeypatch.setattr(keras_of_process, "NAME", "tf_keras" if legacy else "keras")
    roots = ("keras", "tf_keras", "tensorflow.python.keras")
    kinds = [type("Mine", (), {"__module__": f"{root}.callbacks"}) for root in roots]
    three, two, inside = (of_another_keras(kind, "it") for kind in kinds)
    assert (three if not legacy else two) is None
    asked = "without TF_USE_LEGACY_KERAS" if legacy else "with TF_USE_LEGACY_KERAS=1"
    assert f"start Python {asked}" in str(three if legacy else two)
    assert "that TensorFlow has for itself" in str(inside)
    assert "start Python" not in str(inside)


def test_what_is_played_on_both_takes_the_one_of_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`dryfit migrate` has set what chooses Keras: not the user, who is not told to."""
    monkeypatch.setenv(ON_BOTH, "1")
    theirs = "Keras 3 (keras)" if HERE == "tf_keras" else "Keras 2 (tf_keras)"
    assert of_another_keras(MyStopping, "it") == (
        f"it is made for {theirs}, and migrate plays it on both: where {__name__} imports its "
        "Keras, write `from dryfit import keras` or `from tensorflow import keras`."
    )
