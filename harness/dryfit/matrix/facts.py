"""What a scenario came to, as facts that can be compared between releases.

A fact is a text under the key that a scenario file has for it. Every scenario has
those that are decisions; others, such as what was printed, only where it names them.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from dryfit.run import Run
from dryfit.scenario.accept import series, told
from dryfit.scenario.load import Scenario
from dryfit.scenario.playing import Played
from dryfit.scenario.schema import Expect
from dryfit_fakes.weights import INITIAL, MIXED, Weights

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
_NO_FACTS = ("tolerance", "accepted")
_OURS = ("state", "checkpoints", "files", "raises", "logs")  # in more detail than `told` has


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
    yield "raises", _raised(played)
    if played.run is None:
        if played.call.killed:
            yield "files", _files(played)
        return
    run = played.run
    for expect in asked:
        for name in expect.state or {}:
            yield f"state.{name}", _values(run.state.get(name, ()))
        for hook, keys in (expect.logs or {}).items():
            for key in keys:
                got = [event.logs.get(key) for event in run.hooks if event.name == hook]
                yield f"logs.{hook}.{key}", _values(got)
    yield "checkpoints", _checkpoints(run)
    yield "files", _files(played)
    named = [name for expect in asked for name in expect.given() if name not in _NO_FACTS]
    for name in dict.fromkeys([*DECISIONS, *named]):
        if name not in _OURS:
            wanted = next((e for e in asked if getattr(e, name) is not None), None)
            yield name, _shorter(told(name, run, wanted, played))


def _raised(played: Played) -> str:
    if played.run is None and played.error is not None:
        return f"{type(played.error).__name__} at construction"
    raised = None if played.run is None else played.run.raised
    if raised is None:
        return "nothing" if played.error is None else type(played.error).__name__
    place = [] if raised.epoch is None else [f"epoch {raised.epoch}"]
    place += [] if raised.batch is None else [f"batch {raised.batch}"]
    place += [] if raised.by is None else [f"by {raised.by}"]
    return ", ".join([raised.type, *place])


def _checkpoints(run: Run) -> str:
    written = []
    for saved in run.checkpoints:
        batch = "" if saved.batch is None else f", batch {saved.batch}"
        written.append(f"{saved.path} in epoch {saved.epoch}{batch}")
    return "; ".join(written) or "never"


def _files(played: Played) -> str:
    return "; ".join(f"{path}: {_content(c)}" for path, c in sorted(played.files.items())) or "none"


def _content(content: Weights | str) -> str:
    if isinstance(content, str):
        return json.dumps(content, ensure_ascii=False)
    if content == MIXED:
        return "nobody's weights"
    if content == INITIAL:
        return "the initial weights"
    fit = f"fit {content.fit}, " if content.fit else ""
    return f"{fit}epoch {content.epoch}, batch {content.batch}"


def _values(values: Sequence[Any]) -> str:
    if all(value is None or isinstance(value, int | float) for value in values):
        return series(values) if values else "none"
    return ", ".join(map(str, values))


def _shorter(text: str) -> str:
    """Without the marks of a mapping or list around it all."""
    if text == "[]":
        return "never"
    return text[1:-1] if text[:1] + text[-1:] in ("{}", "[]") and text.count(text[0]) == 1 else text
