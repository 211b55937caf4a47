"""What cannot be asked of a recording is refused, with what can."""

import pytest
from recorded_curve import recording, refused

from dryfit.tools.replay.what_if import what_if
from dryfit.tools.replay.what_if_table import comparison


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("", "CALLBACK: expected one callback, such as 'EarlyStopping: {patience: 3}'"),
        ("A\n---\nB", "CALLBACK: expected one callback, such as 'EarlyStopping: {patience: 3}'"),
        (
            "{",
            "CALLBACK: not YAML: expected the node content, but found '<stream end>'; "
            "it ends in the middle: was it cut off?",
        ),
        (
            "[EarlyStopping]",
            "CALLBACK: a callback is a name, or one name with its arguments: {Name: {...}}",
        ),
        (
            "EarlyStopping: patience=3",
            "CALLBACK: EarlyStopping takes a mapping of arguments, found 'patience=3'; "
            "write EarlyStopping: {patience: 3}",
        ),
        (
            "EarlyStoping",
            "CALLBACK: EarlyStoping: unknown callback 'EarlyStoping'; did you mean "
            "'EarlyStopping'? Known are those of keras.callbacks, and EvaluateAt, PredictAt, "
            "RaiseAt, SetLearningRateAt, StopAt, WriteLogs; your own is 'pkg.module:Class'",
        ),
        (
            "History: {patience: 1}",
            "CALLBACK: History.patience: no such argument. History takes none",
        ),
        (
            "StopAt: {epok: 1}",
            "CALLBACK: StopAt.epok: no such argument; did you mean 'epoch'? "
            "StopAt takes epoch, batch, hook",
        ),
        (
            "ReduceLROnPlateau: {patiance: 1}",  # Keras would take it and say nothing
            "CALLBACK: ReduceLROnPlateau.patiance: no such argument; did you mean 'patience'? "
            "ReduceLROnPlateau takes monitor, factor, patience, verbose, mode, min_delta, "
            "cooldown, min_lr, baseline",
        ),
        (
            "EarlyStopping: {patience: 5..1}",
            "CALLBACK: EarlyStopping.patience: '5..1' has no values; write 1..5",
        ),
        (
            "EarlyStopping: {min_delta: .1...5}",
            "CALLBACK: EarlyStopping.min_delta: '.1...5': A..B are the whole numbers from A to "
            "B; write others as .1|.2|.5",
        ),
        (
            "EarlyStopping: {patience: 1||2}",
            "CALLBACK: EarlyStopping.patience: between | stand single values, not ''",
        ),
        (
            "EarlyStopping: {patience: 1..1001}",
            "CALLBACK: 1,001 settings; 1,000 at most are played",
        ),
        (
            "EarlyStopping: {patience: 1..999999999, min_delta: 0|1, start_from_epoch: 1|2}",
            "CALLBACK: 999,999,999 x 2 x 2 = 3,999,999,996 settings; 1,000 at most are played",
        ),
        (
            "LearningRateScheduler: {schedule: {import: nowhere:f}}",
            "CALLBACK: LearningRateScheduler: 'nowhere:f': no module 'nowhere'; importable are "
            "installed packages, the working directory and the folder of the scenario file",
        ),
    ],
)
def test_an_item_is_refused_before_anything_is_asked_of_it(item: str, message: str) -> None:
    """The message says what is wrong and what there is."""
    assert refused(item) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "name: a\ncalls: [{call: fit, script: {metrics: {loss: 1x2}}}, {call: fit}]",
            "run.scenario.yaml:1: calls: what-if takes a recording of one fit",
        ),
        (
            "name: a\ncalls: [{call: evaluate, script: {metrics: {loss: 1x2}}}]",
            "run.scenario.yaml:1: calls: what-if takes a recording of one fit",
        ),
        (
            "name: a\nscript: {epochs: 3, metrics: {loss: _}}",
            "run.scenario.yaml:1: script: no epoch has a value: nothing to play again",
        ),
    ],
)
def test_a_file_that_is_no_recording_is_refused(text: str, message: str) -> None:
    """Several calls, another call than fit, and no numbers."""
    assert refused("TerminateOnNaN", text=text) == message


def test_a_class_without_its_module_is_told_as_the_file_has_it() -> None:
    """And not as one of ours that is called nearly so."""
    text = "name: a\nscript: {metrics: {loss: 1x2}}\ncallbacks: [my_stop:StopAfter]"
    told = "CALLBACK: StopAfter: did you mean 'my_stop:StopAfter', as the file has it?"
    assert refused("StopAfter: {patience: 1}", text=text) == told


def test_a_metric_that_was_not_recorded_is_refused() -> None:
    """With what there is."""
    assert refused("TerminateOnNaN", monitor="val_los") == (
        "--monitor: val_los: no such metric; did you mean 'val_loss'? "
        "The recording has loss, val_loss"
    )
    rows = what_if(recording(), ["EarlyStopping: {monitor: los, mode: min}"])
    assert "The recording has no los; did you mean 'loss'? It has loss, val_loss." in comparison(
        rows
    )
