"""``dryfit run --watch``, in a terminal."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dryfit.cli import main
from dryfit.lanes.process_tree import descendants

SCENARIO = """
name: mine
script: {metrics: {loss: 1x4}}
callbacks: ['stops:Stops']
expect: {stopped: {epoch: 2, by: Stops}}
"""
STOPS = """
import keras
from when import EPOCH
class Stops(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = epoch >= EPOCH
"""
_LIMIT_S = 120.0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.scenario.yaml").write_text(SCENARIO)
    (tmp_path / "stops.py").write_text(STOPS)
    (tmp_path / "when.py").write_text("EPOCH = 2\n")
    return tmp_path


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (". --list --format json", "--watch: does not go with --list and --format"),
        (". --jobs 2", "--watch: does not go with --jobs"),
        (". --gpu-memory-limit abc", "--gpu-memory-limit: the GPU memory limit is 'abc'; "),
        (". nowhere", "nowhere: no *.scenario.yaml file in there"),
        (". -k (mine", "-k '(mine': is no expression: "),
        (". -k other", "-k 'other': no scenario meets it. There are mine"),
        ("mine.scenario.yaml::its", "mine.scenario.yaml::its: no scenario 'its'"),
    ],
)
def test_what_makes_no_sense_is_refused(
    line: str, told: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before Keras is loaded."""
    assert main(["run", "--watch", *line.split()]) == 2
    assert capsys.readouterr().err.startswith(f"dryfit run: {told}")


def test_without_watchfiles_it_says_what_to_install(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, and bad input's status."""
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert main(["run", "--watch", "."]) == 2
    assert capsys.readouterr().err == (
        'dryfit run: run --watch needs watchfiles: pip install "dryfit[watch]"\n'
    )


class Terminal:
    """A command in a terminal of its own."""

    def __init__(self, *words: str) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dryfit", *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={**os.environ, "NO_COLOR": "1"},
        )
        os.close(theirs)
        self._text = ""

    def reads_to(self, text: str) -> str:
        """What is printed up to a text, and that."""
        until = time.monotonic() + _LIMIT_S
        while text not in self._text:
            assert select.select([self._ours], [], [], until - time.monotonic())[0], self._text
            self._text += os.read(self._ours, 65536).decode()
        read, _, self._text = self._text.partition(text)
        return read + text

    def types(self, text: str) -> None:
        os.write(self._ours, text.encode())


def test_a_save_is_played_at_once(folder: Path) -> None:
    """A module of a module, and the scenario; Enter plays all; Ctrl-C leaves nothing behind."""
    pytest.importorskip("watchfiles")
    terminal = Terminal("run", "--watch", ".")
    try:
        assert "1 passed" in terminal.reads_to("Ctrl-C ends")
        (folder / "when.py").write_text("EPOCH = 1\n")
        told = terminal.reads_to("Ctrl-C ends")
        assert "saved: when.py" in told
        assert "stopped.epoch, epoch 1  (mine.scenario.yaml:5)" in told
        (folder / "mine.scenario.yaml").write_text(SCENARIO.replace("epoch: 2", "epoch: 1"))
        assert "1 passed" in terminal.reads_to("Ctrl-C ends")
        terminal.types("\n")
        assert "saved" not in terminal.reads_to("1 passed")
        terminal.reads_to("Ctrl-C ends")
        started = descendants(terminal.process.pid)
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.process.wait(_LIMIT_S) == 130
        assert "dryfit run: interrupted" in terminal.reads_to("interrupted")
    finally:
        terminal.process.kill()
    assert started
    gone = time.monotonic() + _LIMIT_S
    while any(os.path.exists(f"/proc/{process}") for process in started):
        assert time.monotonic() < gone, started
        time.sleep(0.01)
