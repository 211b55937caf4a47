"""What-if: other settings on a recorded curve, and what a recording cannot say."""

import json
import math
import re
import shlex
from pathlib import Path

import pytest

from dryfit import load_scenarios
from dryfit.cli import main
from dryfit.scenario.problems import ScenarioFileError
from dryfit.scenario.scenario import Scenario
from dryfit.scenario.usage import UsageError
from dryfit.tools.replay.what_if import Row, what_if
from dryfit.tools.replay.what_if_table import comparison

PAGE = (Path(__file__).parents[3] / "docs" / "what-if.md").read_text(encoding="utf-8")
CURVE = ".9 .5 .6 .55 .4 .45 .46 .47 .48 .49"
RECORDING = f"""
name: a run
script: {{learning_rate: 1, metrics: {{loss: 1x10, val_loss: {CURVE}}}}}
callbacks: [EarlyStopping: {{patience: 10, restore_best_weights: true}}]
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def recording(text: str = RECORDING) -> Scenario:
    file = Path("run.scenario.yaml")
    file.write_text(text, encoding="utf-8")
    (scenario,) = load_scenarios(file, unfinished=True)
    return scenario


def asked(text: str, *items: str) -> list[Row]:
    """The rows but the first, of a recording that is given by its script and callbacks."""
    return what_if(recording(f"name: a run\n{text}"), items)[1:]


def refused(*items: str, text: str = RECORDING, monitor: str | None = None) -> str:
    with pytest.raises((ScenarioFileError, UsageError)) as error:
        what_if(recording(text), items, monitor)
    return str(error.value)


def test_a_row_is_what_plain_keras_would_decide() -> None:
    """Patience 1 stops after .6, 2 after .55, 3 three epochs after the best, .4; 4 one later."""
    recorded, *rows = what_if(recording(), ["EarlyStopping: {patience: 1..4}"])
    assert [row.stopped and (row.stopped.epoch, row.stopped.by) for row in rows] == [
        (2, "EarlyStopping"),
        (3, "EarlyStopping"),
        (7, "EarlyStopping"),
        (8, "EarlyStopping"),
    ]
    assert [row.epochs_run for row in rows] == [3, 4, 8, 9]
    assert [row.epochs_saved for row in rows] == [7, 6, 2, 1]
    assert [(row.best_epoch, row.best) for row in rows] == [
        (epoch, pytest.approx(value)) for epoch, value in [(1, 0.5), (1, 0.5), (4, 0.4), (4, 0.4)]
    ]
    assert [row.worse_by for row in rows] == pytest.approx([0.1, 0.1, 0, 0])
    assert [row.weights.epoch for row in rows if row.weights] == [1, 1, 4, 4]
    assert (recorded.asked, recorded.stopped, recorded.epochs_saved) == ((), None, 0)


def _write_files() -> None:
    """The page's files: the run of Monday, and a log."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.S | re.M)
    for name, block in zip(("monday", "log"), blocks, strict=True):
        Path(f"{name}.scenario.yaml").write_text(block, encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "shown"), re.findall(r"^```text\n\$ dryfit (.*?)\n(.*?)^```", PAGE, re.S | re.M)
)
def test_the_page_shows_what_is_printed(
    command: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole tables: stops, a setting that goes on, cuts, and other rates."""
    _write_files()
    assert main(shlex.split(command)) == 0
    assert capsys.readouterr().out == shown


def test_the_page_s_python_holds() -> None:
    """As it stands there."""
    _write_files()
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.S | re.M)
    exec(code, {})


# What is played.


def test_arguments_go_over_those_of_the_file() -> None:
    """What an item does not name stays as the file has it."""
    text = "script: {metrics: {acc: 0 1 .5x4}}\ncallbacks: [EarlyStopping: {monitor: acc}]"
    (row,) = asked(text, "EarlyStopping: {patience: 2}")
    assert row.stopped is not None
    assert row.stopped.epoch == 3
    assert row.curve.monitor == "acc"


def test_an_item_goes_to_the_first_of_its_class_and_the_next_to_the_second() -> None:
    """The third is added at the end."""
    text = """script: {metrics: {a: 1x9, b: 1x9, c: 1x9}}
callbacks: [EarlyStopping: {monitor: a, mode: min, patience: 9}, EarlyStopping: {patience: 9}]"""
    items = ["EarlyStopping: {patience: 5}", "EarlyStopping: {monitor: b, mode: min, patience: 4}"]
    third = "EarlyStopping: {monitor: c, mode: min, patience: 3}"
    stops = [asked(text, *items)[0].stopped, asked(text, *items, third)[0].stopped]
    assert [stop and (stop.epoch, stop.by) for stop in stops] == [
        (4, "EarlyStopping#2"),
        (3, "EarlyStopping#3"),
    ]


def test_a_class_is_the_same_by_its_long_name() -> None:
    """It is the class that decides, not how it is written."""
    (row,) = what_if(recording(), ["keras.callbacks:EarlyStopping: {patience: 1}"])[1:]
    assert row.stopped is not None
    assert (row.stopped.by, row.weights and row.weights.epoch) == ("EarlyStopping", 1)


def test_a_callback_of_one_s_own_is_found_beside_the_file() -> None:
    """As in a scenario file."""
    Path("mine_what_if.py").write_text(
        "import keras\n\n\nclass Mine(keras.callbacks.EarlyStopping):\n"
        "    def __init__(self, *, slow=1, **kwargs):\n"
        "        super().__init__(**kwargs)\n        self.patience *= slow\n"
    )
    text = f"script: {{metrics: {{val_loss: {CURVE}}}}}"
    rows = asked(text, "mine_what_if:Mine: {patience: 1, slow: 1|3}")
    assert [row.epochs_run for row in rows] == [3, 8]
    assert "did you mean 'patience'?" in refused("mine_what_if:Mine: {patiense: 1}")


def test_alternatives_multiply_and_the_last_varies_fastest() -> None:
    """Ranges, words and numbers; a list is an argument like others."""
    item = "EarlyStopping: {patience: 1..2|9, monitor: loss|val_loss, min_delta: .0|1e-1}"
    rows = what_if(recording(), [item])
    assert [tuple(row.varied.values()) for row in rows] == [
        (10,),
        *((p, m, d) for p in (1, 2, 9) for m in ("loss", "val_loss") for d in (0.0, 0.1)),
    ]
    (row,) = asked("script: {metrics: {loss: 1x2}}", "ModelCheckpoint: {filepath: [1, 2]}")
    assert row.asked == (("ModelCheckpoint", {"filepath": [1, 2]}),)
    assert row.error.startswith("AttributeError: ")


def test_arguments_of_one_name_are_told_apart() -> None:
    """By the callback's name."""
    items = ["EarlyStopping: {patience: 1|2}", "ReduceLROnPlateau: {patience: 3|4}"]
    titles = what_if(recording(), items)[-1].varied
    assert titles == {"EarlyStopping.patience": 2, "ReduceLROnPlateau.patience": 4}


# What it is compared by.


def test_more_is_better_where_keras_says_so() -> None:
    """By the metric's name, by the callback's mode, and by the script's directions."""
    text = "script: {{metrics: {{{0}: .1 .3 .2 .4 .1}}{1}}}"
    item = "EarlyStopping: {{monitor: {0}, patience: 1{1}}}"
    for name, script, mode in [
        ("val_accuracy", "", ""),
        ("val_f1", "", ", mode: max"),
        ("val_f1", ", directions: {val_f1: up}", ""),
    ]:
        (row,) = asked(text.format(name, script), item.format(name, mode))
        assert (row.best_epoch, row.worse_by) == (1, pytest.approx(0.1))


def test_a_metric_of_unknown_direction_has_no_best() -> None:
    """The table says so, and leaves the column out."""
    text = "name: a run\nscript: {metrics: {loss: 1x3, f1: 1 2 3}}"
    rows = what_if(recording(text), ["StopAt: {epoch: 1}"], "f1")
    assert rows[1].best is None
    assert (
        comparison(rows)
        == """\
      row   epoch   epochs   saved   weights   stopped
 ──────────────────────────────────────────────────────────────────
 recorded                3       0   epoch 2   never
        1       1        2       1   epoch 1   in epoch 1 by StopAt
Whether f1 is to rise or to fall is not known, so no value is the best; \
say it with mode: min or max, or with directions in the file's script."""
    )


def test_nan_is_never_the_best() -> None:
    """Nor is a value of an epoch that did not run; nothing but nan has no best."""
    text = "script: {metrics: {val_loss: nan .5 nan .4 _ .3}}"
    (row,) = asked(text, "StopAt: {epoch: 4}")
    assert (row.best_epoch, row.worse_by) == (3, pytest.approx(0.1))
    rows = what_if(recording("name: a\nscript: {metrics: {loss: nan nan}}"), ["TerminateOnNaN"])
    assert rows[1].best is None
    assert rows[1].stopped is not None
    assert "Every recorded loss is nan, so no value is the best." in comparison(rows)


def test_monitor_names_what_is_compared() -> None:
    """In place of what the first item monitors."""
    rows = what_if(recording(), ["EarlyStopping: {patience: 1}"], "loss")
    assert (rows[1].curve.monitor, rows[1].best, rows[1].best_epoch) == ("loss", 1.0, 0)


def test_the_mean_of_raw_values_is_what_is_compared() -> None:
    """As callbacks see it at the epoch's end."""
    text = "script: {batches: 2, batch_metrics: {loss: [3 1, 1 1, 9 9]}}"
    (row,) = asked(text, "EarlyStopping: {monitor: loss, patience: 1}")
    assert dict(row.curve.values) == {0: 2.0, 1: 1.0, 2: 9.0}


# What a recording cannot say.


def test_nobody_knows_what_comes_after_the_recorded_epochs() -> None:
    """A setting that has not stopped by then goes on: no weights, and nothing saved."""
    planned = RECORDING.replace("1x10", "1x10 _...").replace(CURVE, f"{CURVE} _...")
    planned = planned.replace("learning_rate: 1", "epochs: 1000")
    rows = what_if(recording(planned), ["EarlyStopping: {patience: 5..6}"])
    assert [row.epochs_run for row in rows] == [10, 10, 10]
    assert [row.goes_on for row in rows] == [True, False, True]
    assert [row.epochs_saved for row in rows] == [None, 0, None]
    assert [row.weights and row.weights.epoch for row in rows] == [None, 4, None]
    assert "not within the 10 recorded epochs" in comparison(rows)


def test_the_same_holds_where_the_recording_was_stopped_in_its_last_epoch() -> None:
    """With more patience it would have gone on; a plan that came to its end is no such case."""
    stopped = RECORDING.replace("patience: 10", "patience: 5")
    (row,) = what_if(recording(stopped), ["EarlyStopping: {patience: 6}"])[1:]
    assert row.goes_on
    (row,) = what_if(recording(), ["EarlyStopping: {patience: 6}"])[1:]
    assert not row.goes_on


def test_a_recording_that_is_broken_off_goes_on_but_for_who_stops_by_then() -> None:
    """Also in the epoch in whose end it was broken off; training that stops comes to its end."""
    text = """
script:
  epochs: 9
  interrupt: {epoch: 3, hook: on_epoch_end}
  metrics: {val_loss: 3 2 3 4 _...}
"""
    rows = asked(text, "EarlyStopping: {patience: 1..3, restore_best_weights: true}")
    assert [row.goes_on for row in rows] == [False, False, True]
    assert [row.weights and row.weights.epoch for row in rows] == [1, 1, None]


def test_values_that_a_callback_writes_can_be_compared_by() -> None:
    """In place of a callback that the file cannot name, WriteLogs writes them."""
    text = """
script: {metrics: {loss: 1x4}}
callbacks:
  - WriteLogs: {metrics: {val_f1: .1 .3 .2 .5}}
"""
    (row,) = asked(text, "EarlyStopping: {monitor: val_f1, mode: max, patience: 1}")
    assert (row.epochs_run, row.best, row.worse_by) == (3, 0.3, pytest.approx(0.2))


def test_what_happens_after_the_last_recorded_epoch_is_not_told() -> None:
    """A stop and a cut at the begin of the epoch that nobody recorded."""
    text = "script: {epochs: 5, learning_rate: 1, metrics: {loss: 3 2 _...}}"
    stop = "StopAt: {epoch: 2, hook: on_epoch_begin}"
    cut = "LearningRateScheduler: {schedule: {piecewise: {0: 1, 2: .5}}}"
    (row,) = asked(text, cut, stop)
    assert (row.stopped, row.goes_on, row.reductions, row.epochs_run) == (None, True, (), 2)


def test_a_recording_may_start_late_and_be_broken_off() -> None:
    """Epochs keep their numbers, and a broken run's last epochs are those that ended."""
    text = """script:
  {initial_epoch: 3, epochs: 9, interrupt: {epoch: 7, batch: 0}, metrics: {loss: 9x3 4 3 2 3x3}}"""
    short, long = asked(text, "EarlyStopping: {monitor: loss, patience: 1|2}")
    assert (short.stopped and short.stopped.epoch, short.epochs_saved) == (6, 0)
    assert (long.goes_on, long.best_epoch, long.curve.epochs) == (True, 5, 4)


def test_a_curve_does_not_change_when_the_rate_does() -> None:
    """Cuts of the recording are no news; others are told, from the next epoch on."""
    text = f"""
name: a run
script: {{learning_rate: 1, metrics: {{val_loss: {CURVE}}}}}
callbacks: [ReduceLROnPlateau: {{patience: 2, factor: .5}}]
"""
    rows = what_if(recording(text), ["ReduceLROnPlateau: {patience: 2..4}"])
    assert [[change.epoch for change in row.reductions] for row in rows] == [
        [3, 6, 8],
        [3, 6, 8],
        [7],
        [8],
    ]
    assert [row.other_rates_from for row in rows] == [None, None, 4, 4]
    *_, ranked, warned = comparison(rows).splitlines()
    assert "Row 1 (patience: 2) reaches it" in ranked
    assert warned == (
        "The recorded curve was trained with other rates than rows 2-3: from epoch 4 on the "
        "numbers would have been others. A recorded curve does not change when the rate does."
    )


def test_who_cuts_is_told_where_there_are_several() -> None:
    """One line a callback."""
    text = "name: a run\nscript: {learning_rate: 1, metrics: {val_loss: 1x4}}"
    items = ["SetLearningRateAt: {epoch: 0, learning_rate: .5}", "ReduceLROnPlateau: {patience: 1}"]
    lines = comparison(what_if(recording(text), items)).splitlines()
    assert any(line.endswith(" 0 by SetLearningRateAt") for line in lines)
    assert any(line.endswith(" 1 2 3 by ReduceLROnPlateau") for line in lines)


# What goes wrong.


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
            "CALLBACK: EarlyStopping takes a mapping of arguments, found 'patience=3'",
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


def test_a_row_that_raises_has_its_error(capsys: pytest.CaptureFixture[str]) -> None:
    """The others are told all the same; exit status 2 is for no answer at all."""
    recording()
    target = ["replay", "run.scenario.yaml", "--format", "json", "--with"]
    assert main([*target, "ReduceLROnPlateau: {factor: .5|2}"]) == 0
    errors = [row["error"] for row in json.loads(capsys.readouterr().out)]
    refusal = "ValueError: ReduceLROnPlateau does not support a factor >= 1.0. Received factor=2"
    assert errors == ["", "", refusal]
    assert main([*target, "RaiseAt: {epoch: 1, raises: {import: 'builtins:LookupError'}}"]) == 2
    errors = [row["error"].partition(":")[0] for row in json.loads(capsys.readouterr().out)]
    assert errors == ["", "LookupError"]


def test_a_recording_whose_own_callbacks_raise_is_answered_all_the_same() -> None:
    """Its row has the error, and rates are compared with none."""
    text = "name: a\nscript: {metrics: {loss: 1x3}}\ncallbacks: [ReduceLROnPlateau: {factor: 2}]"
    recorded, row = what_if(recording(text), ["ReduceLROnPlateau: {factor: .5, monitor: loss}"])
    assert recorded.error.startswith("ValueError: ReduceLROnPlateau does not support")
    assert (row.error, row.epochs_run, row.best, row.other_rates_from) == ("", 3, 1.0, None)
    rows = what_if(recording(text), ["TerminateOnNaN"])
    assert [bool(row.error) for row in rows] == [True, True]
    assert comparison(rows).endswith("The best recorded loss is 1, in epoch 0.")


def test_a_stop_before_the_first_epoch_has_no_epoch() -> None:
    """Keras runs one epoch all the same."""
    rows = what_if(recording(), ["StopAt: {hook: on_train_begin}"])
    assert rows[1].epochs_run == 1
    assert "in on_train_begin by StopAt" in comparison(rows)


def test_a_callback_s_own_interrupt_is_a_setting_s_error() -> None:
    """What a user's Ctrl-C does is told from it by whose it is."""
    item = "RaiseAt: {epoch: 1, raises: {import: 'builtins:KeyboardInterrupt'}}"
    _, row = what_if(recording(), [item])
    assert row.error == "KeyboardInterrupt"


# The command line.


def test_json_has_a_row_a_setting(capsys: pytest.CaptureFixture[str]) -> None:
    """With the items, and null where there is nothing to tell."""
    recording()
    command = ["replay", "run.scenario.yaml", "--with", "EarlyStopping: {patience: 2}"]
    assert main([*command, "--format", "json"]) == 0
    recorded, row = json.loads(capsys.readouterr().out)
    assert (recorded["with"], recorded["stopped"]) == ([], None)
    assert row == {
        "with": [{"EarlyStopping": {"patience": 2}}],
        "stopped": {"epoch": 3, "batch": None, "by": "EarlyStopping"},
        "goes_on": False,
        "epochs_run": 4,
        "best": 0.5,
        "best_epoch": 1,
        "worse_by": pytest.approx(0.1),
        "epochs_saved": 6,
        "weights": {"epoch": 1, "batch": 0},
        "reductions": [],
        "other_rates_from": None,
        "error": "",
    }


def test_infinity_is_text_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON has no number for it; inf is as good as inf."""
    recording("name: a\nscript: {metrics: {loss: inf inf}}")
    assert main(["replay", "run.scenario.yaml", "--with", "History", "--format", "json"]) == 0
    row = json.loads(capsys.readouterr().out, parse_constant=lambda text: math.nan)[1]
    assert (row["best"], row["worse_by"]) == ("inf", 0.0)


def test_one_scenario_of_several_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Which there are is said."""
    text = "name: {0}\nscript: {{metrics: {{loss: 1x2}}}}\n"
    Path("two.scenario.yaml").write_text(f"{text.format('one')}---\n{text.format('two')}")
    ask = ["--with", "TerminateOnNaN"]
    assert main(["replay", "two.scenario.yaml::two", *ask]) == 0
    assert capsys.readouterr().out.startswith("two.scenario.yaml:4: two\n")
    assert main(["replay", "two.scenario.yaml", *ask]) == 2
    assert main(["replay", "two.scenario.yaml::twi", *ask]) == 2
    assert capsys.readouterr().err == (
        "dryfit replay: two.scenario.yaml: several scenarios; name one of them, as "
        "two.scenario.yaml::one. There are one, two\n"
        "dryfit replay: two.scenario.yaml::twi: no scenario 'twi'; did you mean 'two'? "
        "There are one, two\n"
    )
