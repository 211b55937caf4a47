"""``dryfit together``: what is said of a list, and that each witness shows it."""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import keras
import pytest

from dryfit.cli import main
from dryfit.scenario.load import load_scenarios
from dryfit.tools.together import kinds
from dryfit.tools.together.tried_curves import is_fine, random_curves
from dryfit_fakes.script import Script

PLATEAU = "ReduceLROnPlateau: {factor: .1, patience: 2, min_lr: 1e-7}"
STEPS = "LearningRateScheduler: {schedule: {import: 'dryfit.demo:step_decay'}}"
RESPECTFUL = "LearningRateScheduler: {schedule: {import: 'dryfit.demo:respectful_decay'}}"
BEST = "ModelCheckpoint: {filepath: b.weights.h5, save_weights_only: true, save_best_only: true}"

RAISES = """\
import keras


class Raises(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["acc"]
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[tuple[str, bool]]:
    """The statements without their numbers, and whether each is always so."""
    assert main(["together", *arguments, "--curves", "60", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    return [(one["statement"].rpartition(", in ")[0], one["always"]) for one in told]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (
            (PLATEAU, STEPS),
            [
                ("LearningRateScheduler undoes every cut of ReduceLROnPlateau", True),
                (
                    "The order of ReduceLROnPlateau and LearningRateScheduler matters for history",
                    False,
                ),
            ],
        ),
        (
            ("EarlyStopping: {patience: 3}", "ReduceLROnPlateau: {patience: 5}"),
            [
                (
                    "ReduceLROnPlateau never cuts before EarlyStopping stops (patience 5 >= 3), "
                    "unless values differ by less than min_delta (0.0001)",
                    True,
                ),
                (
                    "ReduceLROnPlateau cuts before EarlyStopping stops, where values differ by "
                    "less than min_delta (0.0001)",
                    False,
                ),
                ("The order of EarlyStopping and ReduceLROnPlateau does not matter", True),
            ],
        ),
        (
            ("EarlyStopping: {patience: 2}", "EarlyStopping: {patience: 4}"),
            [
                (
                    "EarlyStopping#2 never stops before EarlyStopping does (patience 4 >= 2)",
                    True,
                ),
                ("EarlyStopping and EarlyStopping#2 agree on the best epoch", True),
            ],
        ),
        (
            ("EarlyStopping: {patience: 2, min_delta: .6}", BEST),
            [
                ("The order of EarlyStopping and ModelCheckpoint does not matter", True),
                (
                    "EarlyStopping and ModelCheckpoint agree on the best epoch, unless values "
                    "differ by less than min_delta (0.6)",
                    True,
                ),
                (
                    "EarlyStopping and ModelCheckpoint disagree on the best epoch, where values "
                    "differ by less than min_delta (0.6)",
                    False,
                ),
            ],
        ),
        (
            ("EarlyStopping: {monitor: f1, mode: max}", "WriteLogs: {metrics: {f1: 1 2}}"),
            [("The monitor of EarlyStopping, f1, is never reported", True)],
        ),
    ],
    ids=["tutorial", "patience", "two stops", "min_delta", "monitor"],
)
def test_a_list_has_these_statements(
    capsys: pytest.CaptureFixture[str], items: tuple[str, str], expected: list[tuple[str, bool]]
) -> None:
    """And no others."""
    assert said(capsys, *items) == expected


def test_a_schedule_that_keeps_cuts_undoes_not_all(capsys: pytest.CaptureFixture[str]) -> None:
    """It does so only where the cut is back at what was planned."""
    statements = dict(said(capsys, PLATEAU, RESPECTFUL))
    assert statements.get("LearningRateScheduler undoes every cut of ReduceLROnPlateau") is not True


def test_witnesses_hold_as_a_scenario_file(capsys: pytest.CaptureFixture[str]) -> None:
    """One for each statement, and `dryfit run` plays them."""
    items = (PLATEAU, STEPS, "EarlyStopping: {patience: 1, min_delta: .6}", BEST)
    assert main(["together", *items, "--curves", "60", "--save", "w.scenario.yaml"]) == 0
    assert main(["together", *items, "--curves", "60", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out.partition("\n[")[2].join(["[", ""]))
    assert [one["statement"] for one in told if one["witness"] is None] == []
    assert main(["run", "w.scenario.yaml"]) == 0
    names = Counter(s.name.partition(" [")[0] for s in load_scenarios("w.scenario.yaml"))
    assert len(names) >= len(told)


def test_a_witness_is_the_smallest_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    """Patience 2 cuts after the third epoch of one value, and a fourth trains with the rate."""
    assert main(["together", PLATEAU, STEPS, "--curves", "60", "--format", "json"]) == 0
    witness = json.loads(capsys.readouterr().out)[0]["witness"]
    assert "    val_loss: 1x4\n" in witness
    assert witness.endswith(
        "expect:\n  learning_rate: 0.1x4\n  reductions: {ReduceLROnPlateau: 2}\n"
    )


def test_a_list_that_is_fine_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Text is no wider than a terminal of old."""
    assert (
        main(["together", "ReduceLROnPlateau: {patience: 2}", "EarlyStopping: {patience: 6}"]) == 0
    )
    printed = capsys.readouterr().out
    assert printed.endswith(
        "\nReduceLROnPlateau and EarlyStopping do not get in each other's way: 200 curves.\n"
    )
    assert max(map(len, printed.splitlines())) <= 80


def test_the_same_seed_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """To the last number and the last line of a witness."""
    arguments = ["together", PLATEAU, STEPS, "--curves", "40", "--seed", "3"]
    outputs = []
    for _ in range(2):
        main(arguments)
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]


def test_a_file_brings_its_callbacks_and_its_curve(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a recording does not have is never reported."""
    (tmp_path / "a.scenario.yaml").write_text("""\
name: a
script: {metrics: {loss: 3 2 1}}
callbacks:
  - EarlyStopping: {monitor: loss}
  - ModelCheckpoint: {filepath: b.weights.h5, monitor: val_auc, mode: max, save_weights_only: true}
expect: {epochs_run: 3}
""")
    assert main(["together", "a.scenario.yaml", "--curves", "1", "--format", "json"]) == 0
    told = [one["statement"] for one in json.loads(capsys.readouterr().out)]
    assert told[-1] == (
        "The monitor of ModelCheckpoint, val_auc, is never reported, in the one curve in which "
        "nothing else reports it"
    )


def test_nothing_is_said_where_nothing_could_happen() -> None:
    """A kind that holds in no take that counts has no statement."""
    who = kinds.Who(0, ("A", "B"), (keras.callbacks.Callback(), keras.callbacks.Callback()))
    from dryfit.tools.together.together import _said

    assert [list(_said(kind, who, [], 0.0)) for kind in kinds.KINDS] == [[]] * len(kinds.KINDS)


def test_fine_curves_change_by_the_step_alone() -> None:
    """A quarter of them, the last."""
    for script in random_curves(["loss"], 6, 40, 0, 0.125)[-10:]:
        values = [1.0, *(script.value("loss", epoch) for epoch in range(script.epochs))]
        assert {abs(b - a) for a, b in pairwise(values)} <= {0.0, 0.125}


@pytest.mark.parametrize(
    ("values", "fine"),
    [("1 .5 1", False), ("1 .5 .8 nan", True), ("1 1 inf", False), ("1 nan", False)],
)
def test_a_curve_is_fine_if_two_values_differ_by_less(values: str, fine: bool) -> None:
    """Than .5 here; equal ones and those that are no numbers do not differ by anything."""
    assert is_fine(Script(metrics={"loss": values}), 0.5) is fine


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["together", *arguments]) == 2
    command, _, refusal = capsys.readouterr().err.partition(": ")
    assert command == "dryfit together"
    return refusal


def test_bad_input_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with what was expected."""
    assert refused(capsys, "EarlyStopping") == (
        "what do they do to each other? Name two or more, not 1\n"
    )
    assert refused(capsys, "EarlyStopping", "Nobody") == (
        "CALLBACK: Nobody: unknown callback 'Nobody'. Known are those of keras.callbacks, and "
        "EvaluateAt, PredictAt, RaiseAt, SetLearningRateAt, StopAt, WriteLogs; your own is "
        "'pkg.module:Class'\n"
    )
    assert refused(capsys, "EarlyStopping: {patience: 1..3}", "EarlyStopping") == (
        "'EarlyStopping: {patience: 1..3}' means 3 callbacks; name one\n"
    )
    assert refused(capsys, "ReduceLROnPlateau: {factor: 2}", "EarlyStopping") == (
        "ReduceLROnPlateau(factor=2) raised ValueError: ReduceLROnPlateau does not support a "
        "factor >= 1.0. Received factor=2\n"
    )
    assert refused(capsys, "EarlyStopping", "EarlyStopping", "--curves", "0") == (
        "--curves: is 1 or more, not 0\n"
    )


def test_callbacks_that_raise_on_every_curve_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what they raise."""
    (tmp_path / "my_raising.py").write_text(RAISES)
    refusal = refused(capsys, "my_raising:Raises", "EarlyStopping")
    assert refusal == (
        "my_raising:Raises and EarlyStopping raise on every curve, first KeyError: 'acc'\n"
    )
