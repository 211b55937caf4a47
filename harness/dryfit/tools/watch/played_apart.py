"""Plays in processes of their own, forked from one that has Keras: whatever they end with."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from dryfit.facts.visible_text import visible
from dryfit.judge.outcome import Outcome
from dryfit.lanes.own_process import Apart, ProcessEnded

JOB = "dryfit.tools.watch.played_again"
WARM = f"{JOB}:warm"
# What a play imports, for the process that it is forked from.
MODULES = (JOB, "dryfit.lanes.fake", "dryfit.lanes.real")
# Each call of a scenario has a limit of its own; this ends what that cannot.
_SILENCE_S = 3_600.0


def play_apart(
    apart: Apart, asked: Mapping[str, Any], hear: Callable[[dict[str, Any]], None]
) -> None:
    """Play what is asked for; what ends its process is an error, and another plays the rest.

    Args:
        apart: has imported `MODULES`.
        asked: see `dryfit.tools.watch.played_again.play`.
        hear: hears what that tells.

    Raises:
        RuntimeError: a process ended and played nothing.
    """
    done: list[str] = []
    broken: set[str] = set()
    while True:
        under_way = ""

        def told(text: str) -> None:
            nonlocal under_way
            what = json.loads(text)
            if "begun" in what:
                under_way = what["begun"]
                return
            if "scenario" in what:
                done.append(under_way)
                under_way = ""
            elif what["file"] in broken:  # as the process before said
                return
            else:
                broken.add(what["file"])
            hear(what)

        ended = apart.run(f"{JOB}:play", {**asked, "done": done}, hear=told, silence_s=_SILENCE_S)
        if ended.status == 0 and not ended.cut:
            return
        if not under_way:
            raise RuntimeError(f"{_how(ended)}: {' '.join(ended.output.split())}")
        done.append(under_way)
        hear(_failed(under_way, ended))


def _failed(scenario: str, ended: ProcessEnded) -> dict[str, Any]:
    # An error is played again with any module: which it imported died with its process.
    told = {"outcomes": [Outcome.ERROR], "checks": 0, "needs": []}
    text = f"{scenario}: {_how(ended)}"
    if ended.status == 1:  # Python's own, with the exception that nobody caught in the last line
        text = ": ".join([text, *ended.output.splitlines()[-1:]])
    return {"scenario": scenario, "text": visible(text), **told}


def _how(ended: ProcessEnded) -> str:
    if ended.cut:
        return f"{ended.cut}, and had to be killed"
    how = f"signal {-ended.status}" if ended.status < 0 else f"status {ended.status}"
    return f"Python was ended with {how}"
