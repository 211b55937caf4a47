"""Targets that end Python, or never end, get a card; the others stand."""

import json
from pathlib import Path
from typing import Any

import pytest

from dryfit.cli import main
from dryfit.tools.check import judging

TARGETS = """
import os
import sys
import time

import keras
import numpy as np


class Callback(keras.callbacks.Callback):
    def is_nan(self, logs):
        return (logs or {}).get("loss", 0) != (logs or {}).get("loss", 0)


class ExitsOnNaN(Callback):
    def on_epoch_end(self, epoch, logs=None):
        if self.is_nan(logs):
            sys.exit()


class EndsOnNaN(Callback):
    def on_epoch_end(self, epoch, logs=None):
        if self.is_nan(logs):
            os._exit(0)


class Ends(Callback):
    def on_epoch_end(self, epoch, logs=None):
        os._exit(3)


class Refuses(Callback):
    def on_train_begin(self, logs=None):
        raise ValueError("only for Adam")


class Prints(Callback):
    def on_epoch_end(self, epoch, logs=None):
        while True:
            print("x" * 1000)


class Fine(Callback):
    pass


class Reports(Callback):
    def __init__(self, trial):
        super().__init__()
        self.trial = trial

    def on_epoch_end(self, epoch, logs=None):
        self.trial.append(epoch)
        if len(self.trial) > 20:
            self.model.stop_training = True


def trial():
    return []


def stopping(patience=1):
    return keras.callbacks.EarlyStopping(patience=patience)


def nothing():
    return 3


class PredictsOwn(Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.predict_on_batch(np.zeros((4, 8)))


def model():
    made = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
    made.compile("sgd", "mse")
    return made


def data():
    return np.zeros((2, 8)), np.zeros((2, 1))
"""


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "targets_of_judging.py").write_text(TARGETS)
    monkeypatch.chdir(tmp_path)


def judged(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    """The status, and which rows failed with what reason, by callback."""
    named = [f"targets_of_judging:{a}" if a[:1].isupper() else a for a in arguments]
    status = main(["check", "--format=json", *named])
    out = capsys.readouterr().out
    cards = json.loads(out) if out else []
    cards = cards if isinstance(cards, list) else [cards]
    assert {len(card["results"]) for card in cards} <= {57}
    return status, {
        card["callback"].removeprefix("targets_of_judging:"): [
            (row["name"], row["reason"]) for row in card["results"] if row["outcome"] == "failed"
        ]
        for card in cards
    }


def test_whoever_ends_python_has_a_card(capsys: pytest.CaptureFixture[str]) -> None:
    """Each row in which it ends has failed, the rows behind are played, and the others stand."""
    got = judged(capsys, "ExitsOnNaN", "EndsOnNaN", "Ends", "Refuses", "Fine")
    assert got == (
        1,
        {
            "ExitsOnNaN": [
                ("NaN first", "SystemExit in on_epoch_end of epoch 0"),
                ("NaN later", "SystemExit in on_epoch_end of epoch 2"),
            ],
            "EndsOnNaN": [
                ("NaN first", "ends Python with status 0"),
                ("NaN later", "ends Python with status 0"),
            ],
            "Ends": [("plain run", "ends Python with status 3")],
            "Refuses": [("plain run", "ValueError: only for Adam in on_train_begin")],
            "Fine": [],
        },
    )


def test_a_flood_is_dammed(capsys: pytest.CaptureFixture[str]) -> None:
    """It costs no memory, and the row says so."""
    assert judged(capsys, "Prints") == (
        1,
        {
            "Prints": [
                (
                    "plain run",
                    "OutputFloodError: more than 10 MB printed in on_epoch_end of epoch 0",
                )
            ]
        },
    )


def test_one_that_ends_everywhere_is_given_up() -> None:
    """After the third end nothing more is played, and what was not is no pass."""
    told = {"checks": ["a", "b", "c", "d", "e"]}

    class Ending:
        def run(self, *args: Any, hear: Any) -> Any:
            hear(json.dumps(told))
            hear(json.dumps({"subjects": ["Mine"]}))
            return judging.ProcessEnded(-11)

    cards: list[Any] = []
    judging.judge_apart("Mine", {}, Ending(), cards.append)  # type: ignore[arg-type]
    assert [(r.name, r.outcome, r.reason) for r in cards[0].results] == [
        ("a", "failed", "Python was ended by SIGSEGV"),
        ("b", "failed", "Python was ended by SIGSEGV"),
        ("c", "failed", "Python was ended by SIGSEGV"),
        ("d", "not_applicable", "not played: Python did not come through 'c'"),
        ("e", "not_applicable", "not played: Python did not come through 'c'"),
    ]


def test_a_target_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    """It is told on stderr, the others have their cards, and the status is 2."""
    assert main(["check", "targets_of_judging:Fine", "targets_of_judging:nothing"]) == 2
    captured = capsys.readouterr()
    assert captured.err == (
        "dryfit check: 'targets_of_judging:nothing' made 3, no keras.callbacks.Callback\n"
    )
    assert "57 checks: 56 passed, 0 failed, 1 not applicable" in captured.out


def test_a_factory_is_called_for_each_callback(capsys: pytest.CaptureFixture[str]) -> None:
    """One trial for all plays is full after a few; {call: ...} makes a fresh one for each.

    What the trial remembers of one fit and shows in the next is held against no callback.
    """
    one = 'targets_of_judging:Reports: {trial: {call: "targets_of_judging:trial"}}'
    status, failed = judged(capsys, one)
    (rows,) = failed.values()
    assert status == 1
    assert [name for name, _ in rows] == ["attributes reset"]


def test_a_function_is_a_target(capsys: pytest.CaptureFixture[str]) -> None:
    """With arguments, as a class."""
    _, failed = judged(capsys, "targets_of_judging:stopping: {patience: 2}")
    assert list(failed) == ["stopping(patience=2)"]


def test_a_model_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """The callback is played with the model and the data that were named."""
    there = "--model=targets_of_judging:model", "--data=targets_of_judging:data"
    assert judged(capsys, *there, "PredictsOwn") == (0, {"PredictsOwn": []})
    assert main(["check", "targets_of_judging:Fine", there[1]]) == 2
    assert capsys.readouterr().err == (
        "dryfit check: --data: is what --model is trained with: give --model, too\n"
    )


def test_a_wish_of_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    """What it raises on purpose is said, and what is no exception is refused."""
    assert main(["check", "targets_of_judging:Refuses", "--raises=ValueErr"]) == 2
    assert "'builtins:ValueErr': builtins has no 'ValueErr'" in capsys.readouterr().err
