"""A binary file that a callback writes is told by its size and hash."""

import hashlib
from pathlib import Path

from dryfit import load_scenarios
from dryfit.judge.verdict import judge

SCENARIO = """
name: a
script: {metrics: {loss: 1x1}}
callbacks: ["binary_writer:Binary"]
expect: {epochs_run: 1}
"""
WRITER = """
import keras

class Binary(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        with open("state.bin", "wb") as file:
            file.write(bytes(range(256)) * 40)
"""


def test_nobody_reads_its_bytes(tmp_path: Path) -> None:
    """And two of them compare by both."""
    (tmp_path / "binary_writer.py").write_text(WRITER)
    file = tmp_path / "a.scenario.yaml"
    file.write_text(SCENARIO)
    (played,) = judge(load_scenarios(file)[0], "fake", whole=True).played
    digest = hashlib.sha256(bytes(range(256)) * 40).hexdigest()[:16]
    assert played.files == {"state.bin": f"binary, 10,240 bytes, sha256 {digest}"}
