"""The installed Keras against the reference machines, over random scripts."""

from pathlib import Path
from typing import Any

import pytest

from dryfit import Script, keras, load_scenarios
from dryfit.judge.verdict import judge
from dryfit.tools.explore import early_stopping, model_checkpoint, reduce_lr_on_plateau
from dryfit.tools.explore.disagreement import disagreement, known_defects
from dryfit.tools.explore.exploring import explore
from dryfit.tools.explore.promises import Defect

CALLBACKS = [
    keras.callbacks.EarlyStopping,
    keras.callbacks.LearningRateScheduler,
    keras.callbacks.ModelCheckpoint,
    keras.callbacks.ReduceLROnPlateau,
]
NAN_FIRST = f"""\
name: "EarlyStopping against its documentation, nan first"
about: |-
  Documented: Stop training when a monitored metric has stopped improving.
  That is, a number after a nan is an improvement.
  Found with keras {keras.__version__}.
script:
  metrics:
    val_loss: nan 1
callbacks:
  - EarlyStopping
expect:
  epochs_run: 2
  stopped: never
  weights: {{epoch: 1}}
known_defect:
  id: keras#20533
  instead:
    epochs_run: 2
    stopped: {{epoch: 1}}
    weights: {{epoch: 1}}
"""

# Each known defect of any release alone, and the smallest script that shows it.
SMALLEST = {
    ("EarlyStopping", "nan first"): "val_loss: nan 1",
    ("EarlyStopping", "baseline"): "val_loss: 1x1",
    ("EarlyStopping", "exactly min_delta"): "val_loss: 1 0.5",
    ("EarlyStopping", "best value"): "val_loss: 1 0.5",
    ("EarlyStopping", "restored after a stop"): "val_loss: 1x2",
    ("ReduceLROnPlateau", "nan first"): "val_loss: nan 1",
    ("ReduceLROnPlateau", "cooldown"): "val_loss: 1x3",
    ("ModelCheckpoint", "nan first"): "val_loss: nan 1",
    ("ModelCheckpoint", "not monitored"): "val_loss: _x1",
    ("ModelCheckpoint", "batch without val_loss"): "val_loss: 1x1",
    ("ModelCheckpoint", "batches of the first epoch"): "loss: 1x1",
}


def all_but(kind: Any, name: str) -> list[Defect]:
    return [defect for defect in known_defects(kind) if defect.name != name]


@pytest.mark.parametrize("kind", CALLBACKS)
def test_keras_does_what_is_documented_but_for_the_known_defects(kind: Any) -> None:
    """200 random scripts with random settings; where a known defect decides is left out."""
    exploration = explore(kind, without=known_defects(kind))
    assert (list(map(str, exploration.found)), exploration.examples) == ([], 200)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_nan_first_is_found_from_nothing(seed: int) -> None:
    """With nothing left out, within 200 examples, and shrunk to two epochs."""
    exploration = explore(keras.callbacks.EarlyStopping, seed=seed)
    by_name = {found.at_issue[0].name: str(found) for found in exploration.found}
    index = list(by_name).index("nan first")
    assert exploration.first_at[index] <= 200
    assert by_name["nan first"] == NAN_FIRST


def test_every_known_defect_has_its_smallest_script() -> None:
    """Those named are those that are left out, here or on another release."""
    defects = {
        "EarlyStopping": early_stopping.DEFECTS,
        "ModelCheckpoint": model_checkpoint.DEFECTS,
        "ReduceLROnPlateau": reduce_lr_on_plateau.DEFECTS,
    }
    assert {(kind, d.name) for kind, known in defects.items() for d in known} == set(SMALLEST)


@pytest.mark.parametrize("kind", CALLBACKS)
def test_what_a_known_defect_quotes_is_documented(kind: Any) -> None:
    """In the words of the Keras that is played, but for where its lines break."""
    words = " ".join(kind.__doc__.split())
    assert [defect.name for defect in known_defects(kind) if defect.sentence not in words] == []


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, d.name) for kind in CALLBACKS for d in known_defects(kind)]
)
def test_each_known_defect_is_found_and_plays_as_it_is_printed(
    kind: Any, name: str, tmp_path: Path
) -> None:
    """Without its exclusion, as the smallest script; the printed file holds as a known defect."""
    exploration = explore(kind, without=all_but(kind, name), most=1)
    (found,) = exploration.found
    text = str(found)
    assert f"    {SMALLEST[kind.__name__, name]}\n" in text
    file = tmp_path / "found.scenario.yaml"
    file.write_text(text)
    (scenario,) = load_scenarios(file)
    verdict = judge(scenario, "fake")
    assert (verdict.outcome, verdict.reason) == ("known_defect", found.at_issue[0].id)


def test_a_printed_file_plays_the_same_in_the_real_lane(tmp_path: Path) -> None:
    """It is a scenario as any other."""
    file = tmp_path / "nan.scenario.yaml"
    file.write_text(NAN_FIRST)
    (scenario,) = load_scenarios(file)
    assert judge(scenario, "real").outcome == "known_defect"


class Impatient(keras.callbacks.EarlyStopping):
    """Stops an epoch too early from a patience of 2 on: a fault that nobody knows."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        super().on_epoch_end(epoch, logs)
        if self.patience > 1 and self.wait == self.patience - 1:
            self.model.stop_training = True


def test_an_unknown_defect_is_a_finding() -> None:
    """Two equal epochs under a patience of 2; the file names the class."""
    (found,) = explore(Impatient, without=known_defects(Impatient)).found
    assert found.at_issue == ()
    assert found.settings == {"patience": 2}
    assert found.happened["stopped"] == {"epoch": 1}
    text = str(found)
    assert text.startswith('name: "test_against_keras:Impatient against its documentation"')
    assert "  - test_against_keras:Impatient: {patience: 2}\n" in text
    assert "    val_loss: 1x2\n" in text
    assert "  id: unreported\n" in text


def test_a_rule_that_another_release_breaks_is_a_finding_here() -> None:
    """EarlyStopping is known to bring weights back after a stop alone up to Keras 2.15."""
    here = {defect.name for defect in known_defects(Restless)}
    script = Script(metrics={"val_loss": "1x2"})
    settings = {"patience": 2, "restore_best_weights": True}
    found = disagreement(script, Restless, settings)
    assert found is not None
    assert {defect.name for defect in found.at_issue} == here & {"restored after a stop"}


class Restless(keras.callbacks.EarlyStopping):
    """Brings no weights back at the end of training."""

    def on_train_end(self, logs: Any = None) -> None:
        pass


def test_a_class_without_reference_is_refused() -> None:
    """With those that there are."""
    with pytest.raises(TypeError, match="no reference for CSVLogger: there are EarlyStopping, "):
        disagreement(Script(metrics={"loss": "1x2"}), keras.callbacks.CSVLogger)


def test_a_script_that_no_machine_can_take_is_refused() -> None:
    """Before it is played."""
    script = Script(batch_metrics={"val_loss": ["1"]}, initial_epoch=0)
    with pytest.raises(ValueError, match="leave out batch_metrics"):
        disagreement(script, keras.callbacks.EarlyStopping)


def test_a_name_of_no_defect_is_refused() -> None:
    """With those that the callback has."""
    with pytest.raises(ValueError, match=r"there are 'nan first' \(keras#21275\), 'cooldown'"):
        explore(keras.callbacks.ReduceLROnPlateau, without=["B1"])
