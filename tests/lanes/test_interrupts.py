"""A user's interrupt ends what is played; a callback's own is its failure."""

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from ready_python import python

from dryfit import load_scenarios, play
from dryfit.judge.verdict import judge
from dryfit.lanes.interrupts import held, opened

CALLBACKS = """
import os, signal
import keras

class Raises(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        raise KeyboardInterrupt("mine")

class Pressed(keras.callbacks.Callback):
    '''Ctrl-C while it is at work.'''
    def on_epoch_end(self, epoch, logs=None):
        os.kill(os.getpid(), signal.SIGINT)

class Swallows(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except BaseException:
            pass

class Renames(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except BaseException as error:
            raise ValueError("another") from error

class Constructed(keras.callbacks.Callback):
    def __init__(self):
        os.kill(os.getpid(), signal.SIGINT)
"""


def scenario(folder: Path, name: str) -> Any:
    (folder / "pressing.py").write_text(CALLBACKS)
    file = folder / "a.scenario.yaml"
    file.write_text(
        f"name: a\nscript: {{metrics: {{loss: 1x2}}}}\ncallbacks: ['pressing:{name}']\n"
        "expect: {epochs_run: 2}\n"
    )
    (loaded,) = load_scenarios(file)
    return loaded


@pytest.mark.parametrize("lane", ["fake", "real"])
@pytest.mark.parametrize("name", ["Pressed", "Swallows", "Renames", "Constructed"])
def test_ctrl_c_is_nobody_s_failure(name: str, lane: str, tmp_path: Path) -> None:
    """It ends the command, whatever a callback makes of it, and nothing is left."""
    before = Path.cwd(), signal.getsignal(signal.SIGINT), signal.getitimer(signal.ITIMER_REAL)
    with pytest.raises(KeyboardInterrupt):
        judge(scenario(tmp_path, name), lane)
    after = Path.cwd(), signal.getsignal(signal.SIGINT), signal.getitimer(signal.ITIMER_REAL)
    assert after == before


def test_a_callback_s_own_is_its_failure(tmp_path: Path) -> None:
    """It is told by identity: nobody pressed a key."""
    verdict = judge(scenario(tmp_path, "Raises"), "fake")
    assert verdict.outcome == "failed"
    failure, _ = verdict.failures[0]
    said, _, place = failure.got.partition(" (")
    assert said == "KeyboardInterrupt: mine by Raises in on_epoch_end"
    assert place.endswith("pressing.py:7, in on_epoch_end)")


def test_a_signal_waits_while_something_is_put_back() -> None:
    """And is heard behind it; within it is heard where it is opened."""
    done = []

    def puts_back() -> None:
        with held():
            os.kill(os.getpid(), signal.SIGINT)
            done.append("put back")
            with opened():
                done.append("never")

    with pytest.raises(KeyboardInterrupt):
        puts_back()
    assert done == ["put back"]


def test_whoever_handles_a_signal_keeps_it() -> None:
    """A handler that raises nothing has dealt with it."""
    heard = []
    before = signal.signal(signal.SIGINT, lambda *_: heard.append(True))
    try:
        with held(), opened():
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [True]


def test_no_signal_comes_to_another_thread() -> None:
    """A play there is as any other."""
    runs = []
    thread = threading.Thread(target=lambda: runs.append(play({"loss": "1x2"}, [])))
    thread.start()
    thread.join()
    assert [run.epochs_run for run in runs] == [2]


TERMINATED = """
import os, signal
from pathlib import Path
import keras
from dryfit import play

class Ends(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            print("cleans up", flush=True)

play({"loss": "1x2"}, [Ends()])
"""


def test_sigterm_ends_the_process_as_ever() -> None:
    """By the signal itself, once everybody has cleaned up."""
    done = python("-c", TERMINATED)
    assert (done.returncode, done.stdout) == (-signal.SIGTERM, "cleans up\n")
