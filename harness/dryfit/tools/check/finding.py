"""Finding: what a check found, and the scenario file that shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dryfit.facts.notation import flow, in_steps
from dryfit.judge.verdict import judge
from dryfit.lanes.temporary import temporary_folder
from dryfit.lanes.time_limit import PlayTimeoutError
from dryfit.run.timeline_events import Deed
from dryfit.scenario.alternatives import Item
from dryfit.scenario.load import load_scenarios
from dryfit.scenario.naming import SUFFIX
from dryfit.scenario.problems import ScenarioFileError
from dryfit.tools.check.advice import advice_on
from dryfit.tools.check.subject import PlayedSubject, Subject, text_of
from dryfit_fakes.script_keywords import Lane

_LAST = {"fit": "on_train_end", "evaluate": "on_test_end", "predict": "on_predict_end"}
_SERIES = ("metrics", "history", "learning_rate_after", "epochs", "directions")


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:
        outcome: ``passed``, ``failed`` or ``not_applicable``.
        reason: what was seen.
        calls: the calls of a scenario that shows it, none where no file can.
        items: its callbacks.
        why: what is wrong with that; empty for what the check says in general.
        write: what to write instead; likewise.
        remark: what is worth a line, and no failure.
        lane: where the scenario shows it; ``None`` for where the callback is played.
        ends: whether it comes to an end, without which no file is played.
        error: what was raised, for a debugger.
    """

    outcome: str
    reason: str
    calls: tuple[dict[str, Any], ...] = ()
    items: tuple[Item, ...] = ()
    why: str = ""
    write: str = ""
    remark: str = ""
    lane: Lane | None = None
    ends: bool = True
    error: BaseException | None = None

    def shown_by(self, items: Sequence[Item | None], *calls: dict[str, Any]) -> "Finding":
        """The same, with a scenario."""
        named = tuple(item for item in items if item is not None)
        return (
            replace(self, calls=calls, items=named)
            if len(named) == len(items) and self.ends
            else self
        )


def passed(reason: str, remark: str = "") -> Finding:
    """Everything is as it should be."""
    return Finding("passed", reason, remark=remark)


def failed(reason: str, why: str = "", write: str = "") -> Finding:
    """There is a defect."""
    return Finding("failed", reason, why=why, write=write)


def not_applicable(reason: str) -> Finding:
    """The check says nothing about this callback."""
    return Finding("not_applicable", reason)


def call_of(keys: dict[str, Any], expect: dict[str, Any] | None, call: str = "fit") -> Any:
    """One call of a scenario."""
    return {"call": call, "script": keys, "expect": expect or {"last_hook": _LAST[call]}}


def raising(played: PlayedSubject) -> str:
    """Say who raised what, and where."""
    error, raised = played.error, played.run.raised
    assert error is not None
    who = "" if raised is None or raised.by == played.by else f"{raised.by or 'fit'} raises "
    return f"{who}{text_of(error)}{place_of(raised)}"


def broken_off(played: PlayedSubject, words: str = "{}") -> Finding:
    """An exception that is no decision of the callback's."""
    assert played.error is not None
    found = failed(words.format(raising(played)), *advice_on(played.error))
    ends = not isinstance(played.error, PlayTimeoutError)
    return replace(found, ends=ends, error=played.error)


def place_of(event: Deed | None) -> str:
    """Say where something happened."""
    if event is None or (event.hook is None and event.epoch is None):
        return ", before the first hook"
    if event.hook is None:
        return f" in epoch {event.epoch}, outside of its hooks"
    batch = "" if event.batch is None else f", batch {event.batch}"
    epoch = "" if event.epoch is None else f" of epoch {event.epoch}"
    return f" in {event.hook}{epoch}{batch}"


def scenario_of(name: str, asks: str, finding: Finding, subject: Subject) -> str:
    """Write the scenario, and play it: a file that shows something else is none.

    Returns:
        The file's text; empty where no file shows the finding.
    """
    training = subject.training
    if not finding.calls or (training.model is not None and not training.names):
        return ""  # a file names a function by its module
    lane = subject.lane if finding.lane is None else finding.lane
    if lane == "real" and finding.outcome == "passed":
        return ""  # the real lane takes a second each
    text = _written(f"{subject.name}: {name}", asks, finding, lane == "real", training.names)
    with temporary_folder() as folder:
        file = Path(folder, f"check{SUFFIX}")
        file.write_text(text, encoding="utf-8")
        try:
            scenarios = load_scenarios(file, trust=subject.trust)
            verdicts = [judge(scenario, lane) for scenario in scenarios]
        except ScenarioFileError:
            return ""
    wanted = "failed" if finding.outcome == "failed" else "passed"
    return text if [verdict.outcome for verdict in verdicts] == [wanted] else ""


def _written(
    name: str, asks: str, finding: Finding, is_real: bool, given: Mapping[str, str]
) -> str:
    lines = [f"name: {flow(name)}", f"about: {flow(asks)}"]
    lines += ["lanes: [real]"] if is_real else []
    lines += [f"{key}: {flow(function)}" for key, function in given.items()]
    if len(finding.calls) == 1 and finding.calls[0]["call"] == "fit":
        (call,) = finding.calls
        lines += ["script:", *_keys(call["script"], "  ")]
    else:
        lines += ["calls:"]
        for call in finding.calls:
            told = [f"{key}: {call[key]}" for key in ("call", "model") if key in call]
            lines += [f"  - {told[0]}", *(f"    {line}" for line in told[1:])]
            lines += ["    script:", *_keys(call["script"], "      ")]
            lines += ["    expect:", *_keys(call["expect"], "      ")]
    lines += ["callbacks:"]
    lines += [
        f"  - {kind}: {flow(given)}" if given else f"  - {kind}" for kind, given in finding.items
    ]
    if "calls:" not in lines:
        lines += ["expect:", *_keys(finding.calls[0]["expect"], "  ")]
    return "\n".join(lines) + "\n"


def _keys(keys: dict[str, Any], indent: str) -> list[str]:
    lines = []
    for key, value in keys.items():
        if key == "metrics" and value:  # a line for each
            lines += [f"{indent}metrics:"]
            lines += [f"{indent}  {flow(name)}: {in_steps(text)}" for name, text in value.items()]
        else:
            lines.append(f"{indent}{key}: {flow(_raw(key, value))}")
    return lines


def _raw(key: str, value: object) -> Any:
    """Series are written in the notation, not in quotes."""
    if key not in _SERIES:
        return value
    if isinstance(value, dict):
        return {name: in_steps(text) for name, text in value.items()}
    return in_steps(value) if isinstance(value, str) else value
