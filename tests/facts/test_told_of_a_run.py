"""What every fact says of one run: to a file, a recording, a page, JSON, releases."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import keras
import pytest
from keras.callbacks import LearningRateScheduler
from packaging.version import Version

from dryfit import play
from dryfit.facts.comparing import Comparing
from dryfit.facts.expect_keys import BY_NAME, FACTS
from dryfit.facts.fact import RecordedTraining
from dryfit.facts.final_weights import whose
from dryfit.scenario.playing import Played
from dryfit_fakes import Series, WriteLogs
from dryfit_fakes.float32 import float32

CUT = "Epoch {}: ReduceLROnPlateau reducing learning rate to 0.05000000074505806."

RECENT = pytest.mark.skipif(
    Version(keras.__version__) < Version("3.7"),
    reason="in 3.6 a monitor begins with infinity, and on_train_end is told what callbacks wrote",
)


@pytest.fixture
def training(played: Played) -> RecordedTraining:
    """It is replayed by the same callbacks."""
    assert played.run is not None
    return RecordedTraining(
        run=played.run,
        weights=whose(played.run.weights),
        restores=True,
        rates_known=True,
        rates_replaced=False,
        saves_known=True,
        whose=whose,
        plays=lambda event: event.by,
        played_by=lambda by: by,
        is_item=lambda by: by != "SetLearningRateAt",
        path=lambda saved: f"a/{saved.path}",
    )


WRITTEN = {
    "epochs_run": "4",
    "epochs": "0 1 2 3",
    "stopped": "{epoch: 3, by: EarlyStopping}",
    "weights": "{epoch: 1, batch: 1}",
    "restored": "[{epoch: 3, by: EarlyStopping, hook: on_train_end, to: {epoch: 1, batch: 1}}]",
    "learning_rate": "0.1x4",
    "learning_rate_after": "0.1 0.08 0.05x2",
    "reductions": "{SetLearningRateAt: 1, ReduceLROnPlateau: 2 3}",
    "overrides": "[{epoch: 3, by: LearningRateScheduler, undoes: ReduceLROnPlateau}]",
    "unused": "{ReduceLROnPlateau: 2 3}",
    "checkpoints": (
        "[{epoch: 1, by: ModelCheckpoint, path: 2.weights.h5}, "
        "{epoch: 2, by: ModelCheckpoint, path: 3.weights.h5}]"
    ),
    "slept": "never",
    "files": "{2.weights.h5: {epoch: 1, batch: 0}, 3.weights.h5: {epoch: 2, batch: 1}}",
    "history": "{loss: 1x4, val_loss: 0.9 0.5 0.6x2, learning_rate: 0.1 0.08 0.1x2}",
    "logs": "{on_epoch_end: {loss: 1x4, val_loss: 0.9 0.5 0.6x2}}",
    "indices": "{on_train_batch_end: 0 1 0 1 0 1 0 1}",
    "last_hook": "on_train_end",
}


def test_what_is_written_into_a_file(played: Played) -> None:
    """Where nothing stands there yet."""
    assert {name: BY_NAME[name].write(played, None, exact=False) for name in WRITTEN} == WRITTEN


@pytest.mark.parametrize(
    ("name", "named", "written"),
    [
        ("state", ["EarlyStopping.wait"], "{EarlyStopping.wait: 0x2 1 2}"),
        pytest.param(
            "state", ["EarlyStopping#2.best"], "{EarlyStopping#2.best: _x4}", marks=RECENT
        ),
        ("state", ["EarlyStopping.mode"], "{EarlyStopping.mode: [auto, auto, auto, auto]}"),
        ("state", ["Nobody.wait"], "{Nobody.wait: []}"),
        ("logs", {"on_test_end": ["loss"]}, "{on_test_end: {loss: 0.9 0.5 0.6x2}}"),
        pytest.param(
            "logs",
            {"on_train_end": []},
            "{on_train_end: {loss: 1x1, val_loss: 0.6x1}}",
            marks=RECENT,
        ),
        ("indices", ["on_epoch_end", "on_nap"], "{on_epoch_end: 0 1 2 3, on_nap: []}"),
    ],
)
def test_what_is_named_is_written_again(
    played: Played, name: str, named: Any, written: str
) -> None:
    """And nothing else."""
    assert BY_NAME[name].write(played, named, exact=False) == written


def test_all_state_that_changes_is_written(played: Played) -> None:
    """Where none is named."""
    written = BY_NAME["state"].write(played, None, exact=False)
    assert written.startswith(
        "{ReduceLROnPlateau.best: 0.9 0.5x3, SetLearningRateAt._epoch: 0 1 2 3"
    )
    assert "EarlyStopping.monitor" not in written


def test_texts_are_written_in_their_order(played: Played) -> None:
    """Every line that is not empty, and every warning."""
    cuts = ", ".join(f'"{CUT.format(epoch)}"' for epoch in (3, 4))  # as Keras counts them
    assert BY_NAME["prints"].write(played, None, exact=False) == f"[{cuts}]"
    available = "Available metrics are: loss,val_loss,learning_rate"
    warning = f'"Early stopping conditioned on metric `f1` which is not available. {available}"'
    written = BY_NAME["warnings"].write(played, None, exact=False)
    assert written == f"[{', '.join([warning] * 4)}]"


RECORDED = {
    "epochs_run": 4,
    "stopped": {"epoch": 3, "by": "EarlyStopping"},
    "weights": {"epoch": 1, "batch": 1},
    "restored": [
        {
            "epoch": 3,
            "by": "EarlyStopping",
            "hook": "on_train_end",
            "to": {"epoch": 1, "batch": 1},
        }
    ],
    "learning_rate": "0.1x4",
    "learning_rate_after": "0.1 0.08 0.05x2",
    "reductions": {"ReduceLROnPlateau": "2 3"},
    "overrides": [{"epoch": 3, "by": "LearningRateScheduler", "undoes": "ReduceLROnPlateau"}],
    "checkpoints": [
        {"epoch": 1, "batch": 0, "by": "ModelCheckpoint", "path": "a/2.weights.h5"},
        {"epoch": 2, "batch": 1, "by": "ModelCheckpoint", "path": "a/3.weights.h5"},
    ],
}


def recorded(training: RecordedTraining) -> dict[str, Any]:
    told = {fact.name: fact.recorded(training) for fact in FACTS}
    return {name: value for name, value in told.items() if value is not None}


def test_what_is_recorded(training: RecordedTraining) -> None:
    """All that a replay can be asked for; a cut by hand is nobody's who is in the file."""
    assert recorded(training) == RECORDED


@pytest.mark.parametrize(
    ("unknown", "left_out"),
    [
        ({"restores": False}, {"restored", "weights"}),
        ({"weights": None}, {"weights"}),
        (
            {"rates_known": False},
            {"learning_rate", "learning_rate_after", "reductions", "overrides"},
        ),
        ({"rates_replaced": True}, {"overrides"}),
        ({"rates_replaced": True, "is_item": lambda by: False}, {"reductions", "overrides"}),
        ({"saves_known": False}, {"checkpoints"}),
        ({"plays": lambda event: None}, {"stopped"}),
    ],
    ids=lambda value: "-".join(sorted(value)),
)
def test_what_a_replay_cannot_meet_is_not_recorded(
    training: RecordedTraining, unknown: dict[str, Any], left_out: set[str]
) -> None:
    """And all else is."""
    assert set(RECORDED) - set(recorded(replace(training, **unknown))) == left_out


def test_that_nothing_happened_is_recorded(training: RecordedTraining) -> None:
    """As never, where it is known."""
    quiet = replace(training, run=play({"loss": "1 1"}), weights=None)
    assert recorded(quiet) == {
        "epochs_run": 2,
        "stopped": "never",
        "restored": "never",
        "learning_rate": "0.01x2",
        "learning_rate_after": "0.01x2",
        "reductions": "never",
        "overrides": "never",
        "checkpoints": "never",
    }


DECIDED = {
    "epochs_run": 4,
    "stopped": {"epoch": 3},
    "weights": {"epoch": 1},
    "reductions": [{"epoch": 1}, {"epoch": 2}, {"epoch": 3}],
    "checkpoints": [
        {"epoch": 1, "batch": 0, "path": "2.weights.h5"},
        {"epoch": 2, "batch": 1, "path": "3.weights.h5"},
    ],
    "files": {
        "2.weights.h5": {"epoch": 1, "batch": 0},
        "3.weights.h5": {"epoch": 2, "batch": 1},
    },
    "raises": None,
}


def test_what_a_documentation_is_held_against(played: Played) -> None:
    """When, and not by whom."""
    assert {name: BY_NAME[name].decided(played.run) for name in DECIDED} == DECIDED


def test_what_a_page_shows(played: Played) -> None:
    """In this order."""
    assert [line for fact in FACTS for line in fact.summary(played.run)] == [
        ("epochs run", "4"),
        ("stopped", "epoch 3, by EarlyStopping"),
        ("weights put back", "EarlyStopping: the weights of epoch 1, batch 1"),
        ("weights at the end", "the weights of epoch 1, batch 1"),
        ("learning rate", "0.1"),
        ("rates thrown away", "epoch 3: LearningRateScheduler undoes ReduceLROnPlateau"),
    ]


@pytest.mark.parametrize(
    ("epochs", "shown"),
    [(8, "1, 2, 3, 4, 5, 6, 7, 8"), (9, "1, 2, 3, 4, 5, 6, 7, ...")],
)
def test_eight_rates_are_shown_at_most(epochs: int, shown: str) -> None:
    """The last of them says that there are more."""
    rising = LearningRateScheduler(lambda epoch: float(epoch + 1))
    run = play({"loss": f"1x{epochs}"}, [rising])
    assert dict(BY_NAME["learning_rate"].summary(run)) == {"learning rate": shown}


def test_what_the_json_of_a_run_has(played: Played) -> None:
    """Numbers are float32, as callbacks saw them."""
    in_json = {fact.name: fact.as_json(played.run) for fact in FACTS if fact.in_json}
    rate, cut, half = map(float32, (0.1, 0.08, 0.05))
    assert in_json == {
        "epochs_run": 4,
        "stopped": {"epoch": 3, "batch": None, "by": "EarlyStopping"},
        "weights": {"fit": 0, "epoch": 1, "batch": 1, "trained_batches": 4},
        "learning_rate": (rate,) * 4,
        "learning_rate_after": (rate, cut, half, half),
        "history": {
            "loss": [1.0] * 4,
            "val_loss": [float32(0.9), 0.5, float32(0.6), float32(0.6)],
            "learning_rate": [rate, cut, rate, rate],
        },
    }


TEXTS = {
    "epochs_run": "4",
    "stopped": "epoch: 3, by: EarlyStopping",
    "weights": "epoch: 1, batch: 1",
    "learning_rate": "0.1x4",
    "reductions": "SetLearningRateAt: 1, ReduceLROnPlateau: 2 3",
    "checkpoints": "2.weights.h5 in epoch 1, batch 0; 3.weights.h5 in epoch 2, batch 1",
    "slept": "never",
    "files": "2.weights.h5: epoch 1, batch 0; 3.weights.h5: epoch 2, batch 1",
    "raises": "nothing",
}


def test_what_releases_are_compared_by(played: Played) -> None:
    """A text by the name of its key."""
    told = {name: dict(BY_NAME[name].texts(played, [])) for name in TEXTS}
    assert told == {name: {name: text} for name, text in TEXTS.items()}


def test_what_any_release_names_is_told(played: Played) -> None:
    """A text for each attribute, and for each key of each hook."""
    state = BY_NAME["state"].texts(played, [{"EarlyStopping.mode": 0}, {"Nobody.wait": 0}])
    assert dict(state) == {
        "state.EarlyStopping.mode": ", ".join(["auto"] * 4),
        "state.Nobody.wait": "none",
    }
    logs = BY_NAME["logs"].texts(played, [{"on_test_end": {"loss": 0}}, {"on_nap": {"loss": 0}}])
    assert dict(logs) == {"logs.on_test_end.loss": "0.9 0.5 0.6x2", "logs.on_nap.loss": "none"}


def test_the_logged_rate_has_one_name_whatever_keras_calls_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file says learning_rate; where Keras logs lr, that is what it means, and is written."""
    monkeypatch.setattr("dryfit_fakes.releases.RATE_IN_LOGS", "lr")
    run = play({"loss": "1x2"}, [WriteLogs(metrics={"lr": ".5 .25"})])
    outcome: Any = SimpleNamespace(run=run)
    expected = {"learning_rate": Series.of(".5 .25")}
    assert list(BY_NAME["history"].compare(expected, outcome, Comparing())) == []
    assert "learning_rate: 0.5 0.25" in BY_NAME["history"].write(outcome, None, False)
