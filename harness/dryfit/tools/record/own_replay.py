"""A recording is replayed once, by the training that wrote it, to see whether it holds.

In the fake lane, without a word on the screen, and for two seconds at most. Callbacks of
one's own may act on the world (send mail, say), so they are played only if somebody asks.
"""

import io
import threading
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dryfit.judge.verdict import Verdict, judge
from dryfit.lanes.time_limit import PlayTimeoutError
from dryfit.scenario.load import load_scenarios

MOST_S = 2.0


@dataclass(frozen=True)
class OwnReplay:
    """What came of the replay.

    Attributes:
        unmet: keys of ``expect`` that are not met, with what was expected and what came.
        raised: what came out of a callback, if anything did.
        by: whose it was, as the replay calls it.
        epoch: in which epoch.
        unplayed: why there was none, or none to the end.
    """

    unmet: dict[str, str]
    raised: str = ""
    by: str | None = None
    epoch: int | None = None
    unplayed: str = ""

    @property
    def holds(self) -> bool:
        """Whether all is as it was written."""
        return not (self.unmet or self.raised or self.unplayed)


def why_not(names: Sequence[str], verify: bool) -> str:
    """Say why callbacks of some names are not played by a training; empty if they are."""
    mine = [name.rpartition(":")[2] for name in names if ":" in name]
    if mine and not verify:
        told = ", ".join(dict.fromkeys(mine))
        return f"{told} may act on more than the model; Recorder(verify=True) replays it"
    others = [t for t in threading.enumerate() if t is not threading.current_thread()]
    if any(not thread.daemon for thread in others):
        return "other threads are at work, and a replay has a working directory of its own"
    return ""


def replay(file: Path) -> OwnReplay:
    """Play a recording in the fake lane, and compare."""
    silence = io.StringIO()
    try:
        with redirect_stdout(silence), redirect_stderr(silence):
            (scenario,) = load_scenarios(file)
            verdict = judge(scenario, "fake", wall_time_s=MOST_S)
    except Exception as error:  # whatever it is, it is not the training's
        return OwnReplay({}, unplayed=f"{type(error).__name__}: {error}")
    return _outcome(verdict)


def _outcome(verdict: Verdict) -> OwnReplay:
    error = next((played.error for played in verdict.played if played.error is not None), None)
    if isinstance(error, PlayTimeoutError):
        return OwnReplay({}, unplayed=f"it took longer than {MOST_S:g} s")
    if verdict.reason:
        return OwnReplay({}, unplayed=verdict.reason)
    raised: Any = None if verdict.run is None else verdict.run.raised
    unmet: dict[str, str] = {}
    for failure, _ in verdict.failures:
        key = str(failure.key[0]) if failure.key else "raises"
        unmet.setdefault(key, f"{failure.expected} was recorded, and the replay has {failure.got}")
    if "raises" in unmet and error is not None:
        by, epoch = (None, None) if raised is None else (raised.by, raised.epoch)
        return OwnReplay(unmet, f"{type(error).__name__}: {error}", by, epoch)
    return OwnReplay(unmet)
