"""What the process with Keras in it forks for: it plays scenarios, and tells what came of each.

It has imported Keras and nothing of anybody's, so what was saved is imported anew.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from rich.console import Console

from dryfit.facts.visible_text import visible
from dryfit.judge.every_lane import judge_whatever_comes
from dryfit.judge.explain import explain
from dryfit.judge.outcome import Outcome
from dryfit.judge.quiet import quiet
from dryfit.judge.verdict import Verdict
from dryfit.lanes import gpu
from dryfit.lanes.play import play as play_callbacks
from dryfit.scenario.by_name import load_chosen
from dryfit.scenario.problems import ScenarioFileError
from dryfit.scenario.scenario import Scenario
from dryfit.scenario.trust import Trust
from dryfit.scenario.usage import UsageError
from dryfit.show.colours import in_colours
from dryfit.tools.watch.needs import modules_seen
from dryfit_fakes.backend import keras
from dryfit_fakes.script_keywords import Lane


def play(tell: Callable[[str], None], asked: Mapping[str, Any]) -> None:
    """Play what is asked for, what failed last first: a job of `dryfit.lanes.own_process`.

    Args:
        tell: takes JSON: ``file`` and ``problem``; ``begun``; ``scenario``, ``outcomes``,
            ``checks``, ``text`` and ``needs``.
        asked: ``files``, each with its ``targets`` and the ``scenarios`` that are meant, or
            all; ``keywords``, ``lanes``, ``trust``, ``megabytes``; ``first`` and ``done``,
            scenarios; ``terminal``, that of who asks, with its ``width`` and ``colours``.
    """

    def say(**what: Any) -> None:
        tell(json.dumps(what))

    # Python knows stale bytecode by size and whole seconds; saves come faster than these.
    sys.dont_write_bytecode = True
    gpu.ask_for(asked["megabytes"])
    told = partial(_text, _terminal(asked["terminal"]))
    chosen = {_named(scenario): scenario for scenario in _loaded(asked, say)}
    first = set(asked["first"])
    for name in sorted(chosen, key=lambda name: name not in first):
        if name not in asked["done"]:
            say(begun=name)
            say(scenario=name, **_judged(chosen[name], asked["lanes"], told))


def warm() -> None:
    """Play something, so that the next play finds at hand what a backend makes at its first.

    A GPU is left alone: its memory is limited when it is known how far.
    """
    if not gpu.there_is_one():
        with quiet():
            play_callbacks({"loss": [1.0, 1.0]}, [keras.callbacks.EarlyStopping("loss")])


def _named(scenario: Scenario) -> str:
    return f"{scenario.file}::{scenario.slug}"


def _loaded(asked: Mapping[str, Any], say: Callable[..., None]) -> Iterator[Scenario]:
    for file, what in asked["files"].items():
        try:
            loaded = load_chosen(what["targets"], asked["keywords"], trust=Trust(**asked["trust"]))
        except ScenarioFileError as error:
            say(file=file, problem=str(error))
        except UsageError:  # nothing in it is chosen
            continue
        else:
            meant = what["scenarios"]
            yield from (s for s in loaded if meant is None or _named(s) in meant)


def _judged(
    scenario: Scenario, lanes: list[Lane], told: Callable[[Verdict], str]
) -> dict[str, Any]:
    with modules_seen() as needs:
        verdicts = judge_whatever_comes(scenario, lanes, [])
    return {
        "outcomes": [verdict.outcome for verdict in verdicts],
        "checks": sum(verdict.checks for verdict in verdicts),
        "text": "\n\n".join(told(verdict) for verdict in verdicts if not verdict.holds),
        "needs": sorted(needs),
    }


def _text(terminal: Console | None, verdict: Verdict) -> str:
    if verdict.outcome is Outcome.ERROR:
        return visible(verdict.reason)
    return explain(verdict, terminal, partial(in_colours, terminal=terminal))


def _terminal(asked: Mapping[str, Any] | None) -> Console | None:
    if asked is None:
        return None
    colours = asked["colours"]
    return Console(
        width=asked["width"], force_terminal=True, color_system=colours, no_color=colours is None
    )
