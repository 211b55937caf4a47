"""What a play changes of its process, it puts back, however it ends."""

import datetime
import os
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import pytest

from dryfit import play
from dryfit.lanes.time_limit import PlayTimeoutError


def whole_state() -> dict[str, Any]:
    """Everything of the process that a play sets for a while."""
    config = keras.config
    return {
        "max_epochs": getattr(config, "max_epochs", int)(),
        "max_steps_per_epoch": getattr(config, "max_steps_per_epoch", int)(),
        "interactive": config.is_interactive_logging_enabled(),
        "filters": list(warnings.filters),
        "showwarning": warnings.showwarning,
        "streams": (sys.stdout, sys.stderr),
        "folder": Path.cwd(),
        "alarm": signal.getsignal(signal.SIGALRM),
        "timer": signal.getitimer(signal.ITIMER_REAL),
        "clocks": (time.time, time.monotonic, time.perf_counter, time.sleep),
        "dates": (datetime.datetime, datetime.date),
    }


@pytest.fixture(autouse=True)
def _unusual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Values that nobody would put back by chance."""
    config = keras.config
    monkeypatch.chdir(tmp_path)
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    config.disable_interactive_logging()
    limited = hasattr(config, "set_max_epochs")
    if limited:
        config.set_max_epochs(5)
        config.set_max_steps_per_epoch(7)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="of the test")
        yield
    signal.signal(signal.SIGALRM, before)
    config.enable_interactive_logging()
    if limited:
        config.set_max_epochs(None)
        config.set_max_steps_per_epoch(None)


class Ends(keras.callbacks.Callback):
    """Looks at the state in the play, and ends it in one of three ways."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how
        self.within: dict[str, Any] = {}

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.within = whole_state()
        if self.how == "raises":
            raise LookupError
        while self.how == "never returns":
            os.getpid()


@pytest.mark.parametrize("lane", ["fake", "real"])
@pytest.mark.parametrize("how", ["returns", "raises", "never returns"])
def test_a_play_puts_back_what_it_sets(lane: str, how: str) -> None:
    """Limits, logging, warnings, streams, folder, alarm and clocks: all are as they were."""
    before, callback = whole_state(), Ends(how)
    limit = 0.3 if how == "never returns" else 600.0  # the state is put back wherever it ends
    try:
        play(
            {"loss": "1x2"},
            [callback],
            lane=lane,
            seconds_per_batch=1.0,
            warnings="error",
            wall_time_s=limit,
        )
    except (LookupError, PlayTimeoutError):
        assert how != "returns"
    assert whole_state() == before


@pytest.mark.parametrize("lane", ["fake", "real"])
def test_a_play_sets_what_this_file_looks_at(lane: str) -> None:
    """Else nothing is compared: but for the folder, each of it is another within the play."""
    before, callback = whole_state(), Ends("returns")
    play({"loss": "1x1"}, [callback], lane=lane, seconds_per_batch=1.0, warnings="error")
    same = {name for name, value in callback.within.items() if value == before[name]}
    assert same == {"folder"} | (set() if hasattr(keras.config, "set_max_epochs") else _LIMITS)


_LIMITS = {"max_epochs", "max_steps_per_epoch"}
