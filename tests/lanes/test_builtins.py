"""All of Keras' own callbacks play on the fake, or one error says to lend a real model."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import keras
import pytest

from dryfit import Script, play
from dryfit_fakes import NotOfferedError, RaiseAt

SCRIPT = Script(metrics={"loss": "3 2 1 2", "val_loss": "6 5 4 5"}, batches=3)


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def lent() -> Any:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(optimizer=keras.optimizers.Adam(use_ema=True), loss="mse")
    model.optimizer.build(model.trainable_variables)
    return model


def test_early_stopping() -> None:
    """Best at epoch 2; the next is worse."""
    stopping = keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True)
    run = play(SCRIPT, [stopping])
    assert (run.stopped_epoch, run.weights_epoch) == (3, 2)


def test_reduce_lr_on_plateau_and_learning_rate_scheduler() -> None:
    """The scheduler halves from epoch 1 on; the plateau cuts at the worse epoch 3."""
    scheduler = keras.callbacks.LearningRateScheduler(lambda e, lr: lr / 2 if e else lr)
    plateau = keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.5)
    run = play(SCRIPT.metrics, [scheduler, plateau], learning_rate=1.0)
    assert run.learning_rate == (1.0, 0.5, 0.25, 0.125)
    assert run.learning_rate_after == (1.0, 0.5, 0.25, 0.0625)


def test_model_checkpoint() -> None:
    """save_best_only: epochs 0, 1 and 2 improve."""
    saver = keras.callbacks.ModelCheckpoint("{epoch:02d}-{val_loss:.0f}.keras", save_best_only=True)
    run = play(SCRIPT, [saver])
    assert [saved.path for saved in run.checkpoints] == ["01-6.keras", "02-5.keras", "03-4.keras"]
    assert sorted(path.name for path in Path().iterdir()) == [
        "01-6.keras",
        "02-5.keras",
        "03-4.keras",
    ]


def test_terminate_on_nan() -> None:
    """The running mean of 1, nan is nan at batch 1: batch 2 is not trained."""
    script = Script(batches=3, batch_metrics={"loss": ["1 nan 1", "1"]})
    run = play(script, [keras.callbacks.TerminateOnNaN()])
    assert (run.stopped_epoch, run.stopped_batch) == (0, 1)
    assert run.prints[0].text == "Batch 1: Invalid loss, terminating training"


def test_csv_logger() -> None:
    """The header and a row per epoch."""
    play(SCRIPT, [keras.callbacks.CSVLogger("log.csv")])
    assert Path("log.csv").read_text().split() == [
        "epoch,loss,val_loss",
        "0,3.0,6.0",
        "1,2.0,5.0",
        "2,1.0,4.0",
        "3,2.0,5.0",
    ]


def test_backup_and_restore() -> None:
    """Broken off in epoch 2, a fresh model resumes there with the weights and rate of epoch 1."""

    def backup() -> Any:
        return keras.callbacks.BackupAndRestore("backup")

    with pytest.raises(RuntimeError):
        play(SCRIPT, [backup(), RaiseAt(epoch=2, batch=0)])
    assert json.loads(Path("backup/training_metadata.json").read_text()) == {"epoch": 2, "batch": 0}
    run = play(SCRIPT, [backup()])
    assert run.epochs == (2, 3)
    assert [(used.hook, used.to.epoch) for used in run.restored] == [("on_train_begin", 1)]
    assert run.weights.trained_batches == 12
    assert not Path("backup").exists()


def test_lambda_callback() -> None:
    """Hooks given as functions."""
    ends = []
    play(SCRIPT, [keras.callbacks.LambdaCallback(on_epoch_end=lambda e, logs: ends.append(e))])
    assert ends == [0, 1, 2, 3]


@pytest.fixture
def server() -> Iterator[tuple[str, list[Any]]]:
    received: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            received.append((self.path, json.loads(parse_qs(body)["data"][0])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}", received
        http.shutdown()


def test_remote_monitor(server: tuple[str, list[Any]]) -> None:
    """One POST per epoch, to a server on loopback."""
    url, received = server
    play(SCRIPT, [keras.callbacks.RemoteMonitor(root=url)])
    assert received == [
        ("/publish/epoch/end/", {"epoch": epoch, "loss": loss, "val_loss": loss + 3})
        for epoch, loss in enumerate([3.0, 2.0, 1.0, 2.0])
    ]


def test_history_and_progress_bar(capsys: pytest.CaptureFixture[str]) -> None:
    """Given by the user, they are used in place of Keras' own."""
    history = keras.callbacks.History()
    play(SCRIPT, [history, keras.callbacks.ProgbarLogger()])
    assert history.history["val_loss"] == [6, 5, 4, 5]


NEED_A_MODEL = {
    "TensorBoard": lambda: keras.callbacks.TensorBoard("board"),
    "SwapEMAWeights": keras.callbacks.SwapEMAWeights,
}


@pytest.mark.parametrize("name", NEED_A_MODEL)
def test_callbacks_that_need_a_real_model_say_so(name: str) -> None:
    """The error names the attribute, who asked, and how to lend a model."""
    with pytest.raises(NotOfferedError) as caught:
        play(SCRIPT, [NEED_A_MODEL[name]()])
    assert "play(script, callbacks, model=keras_model)" in str(caught.value)
    assert name in caught.value.__notes__[0]


@pytest.mark.parametrize("name", NEED_A_MODEL)
def test_and_with_one_they_play(name: str) -> None:
    """TensorBoard and SwapEMAWeights work on a lent model."""
    run = play(SCRIPT, [NEED_A_MODEL[name]()], model=lent())
    assert run.epochs_run == 4
    if name == "TensorBoard":
        assert sorted(path.name for path in Path("board").iterdir()) == ["train", "validation"]
