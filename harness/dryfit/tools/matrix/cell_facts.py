"""What a scenario came to, as facts that can be compared between releases.

A fact is a text under the key that a scenario file has for it. Every scenario has
those that are decisions; others, such as what was printed, only where it names them.
"""

from collections.abc import Iterator, Sequence

from dryfit.facts.expect_keys import BY_NAME
from dryfit.scenario.playing import Played
from dryfit.scenario.scenario import Scenario
from dryfit.scenario.schema import SETTINGS, Expect

DECISIONS = (
    "raises",
    "epochs_run",
    "stopped",
    "restored",
    "weights",
    "learning_rate",
    "learning_rate_after",
    "checkpoints",
    "files",
)


def facts(scenarios: Sequence[Scenario], played: Sequence[Played]) -> dict[str, str]:
    """Say what came of a play.

    Args:
        scenarios: all that this is a play of: what any of them names is told.
        played: what came of each call.
    """
    several = len(scenarios[0].calls) > 1
    found: dict[str, str] = {}
    for index, call in enumerate(played):
        prefix = f"calls[{index}]." if several else ""
        told = dict(_of_call(call, _asked(scenarios, index)))
        first = [name for name in DECISIONS if name in told]
        found |= {f"{prefix}{name}": told[name] for name in dict.fromkeys([*first, *told])}
    return found


def _asked(scenarios: Sequence[Scenario], index: int) -> list[Expect]:
    """Everything that is expected of a call, in any release."""
    asked = [scenario.calls[index].expect for scenario in scenarios]
    last = index == len(scenarios[0].calls) - 1
    asked += [s.known_defect.instead for s in scenarios if s.known_defect is not None and last]
    return [expect for expect in asked if expect is not None]


def _of_call(played: Played, asked: Sequence[Expect]) -> Iterator[tuple[str, str]]:
    named = [name for expect in asked for name in expect.given() if name not in SETTINGS]
    for name in dict.fromkeys([*DECISIONS, *named]):
        fact = BY_NAME[name]
        if played.run is not None or name == "raises" or (played.call.killed and fact.needs_files):
            wanted = [getattr(expect, name) for expect in asked]
            yield from fact.texts(played, [value for value in wanted if value is not None])
