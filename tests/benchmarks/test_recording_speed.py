"""What a recording costs, and how much faster its replay is than the training.

Keras' own callbacks take most of a replay: under TensorFlow every comparison is
an operation, and a checkpoint is a file.
"""

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dryfit import Recorder, load_scenarios, play
from dryfit.judge.verdict import judge
from dryfit.tools.record.recorded_file import Recording

sys.path.append(str(Path(__file__).parent.parent / "real"))
from test_digits import callbacks, digits, tutorial_model


@pytest.mark.parametrize(("batch_size", "factor"), [(32, 100), (1, 1000)])
def test_the_replay_of_a_recorded_training(
    batch_size: int, factor: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Digits through the tutorial's network, with four callbacks that decide; then judged."""
    monkeypatch.chdir(tmp_path)
    x, y, validation = digits()
    model = tutorial_model(x.shape[1:])
    options = {"batch_size": batch_size, "validation_data": validation, "verbose": 0}
    model.fit(x, y, epochs=1, **options)  # traces the graph
    recorder = Recorder(callbacks(), save="digits.scenario.yaml")
    start = time.perf_counter()
    model.fit(x, y, epochs=40, callbacks=[recorder], **options)
    training = time.perf_counter() - start
    (scenario,) = load_scenarios("digits.scenario.yaml")
    assert judge(scenario, "fake").outcome == "passed"
    replay = min(_timed(lambda: judge(scenario, "fake")) for _ in range(7))
    epochs = recorder.run.epochs_run
    print(
        f"\nbatches of {batch_size}: {training / epochs * 1e3:.0f} ms an epoch trained, "
        f"{replay / epochs * 1e3:.2f} ms replayed: {training / replay:.0f} times faster"
    )
    assert training >= factor * replay


def test_what_a_recording_costs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """100 epochs of 1875 batches: the last file takes not much longer than the first."""
    costs: list[float] = []
    ended = Recording.epoch_ended

    def timed(self: Recording, recorder: Any) -> None:
        costs.append(_timed(lambda: ended(self, recorder)))

    monkeypatch.setattr(Recording, "epoch_ended", timed)
    recorder = Recorder([], save=tmp_path / "run.scenario.yaml")
    play({"loss": "1+.1x100", "val_loss": "2-.01x100"}, [recorder], batches=1875)
    first, last = min(costs[:10]), min(costs[-10:])
    print(f"\nfirst {first * 1e3:.1f} ms, last {last * 1e3:.1f} ms")
    assert last <= 0.05


def _timed(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
