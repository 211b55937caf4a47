"""Judging targets, each in a process of its own: what ends one leaves the others."""

import json
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dryfit.lanes.own_process import Apart, ProcessEnded
from dryfit.tools.check.report_card import Card, Result

_JOB = "dryfit.tools.check.job:judge_target"
_MOST_ENDS = 3  # of one target's processes; what is behind the last is not played


class BadTargetError(ValueError):
    """A target that names no callback, or one that cannot be made."""


@dataclass
class _Heard:
    """What a target's processes have told so far."""

    checks: list[str] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    results: dict[int, list[Result]] = field(default_factory=dict)
    problem: str = ""

    def hear(self, text: str) -> None:
        """Take what is told."""
        told = json.loads(text)
        self.checks = told.get("checks", self.checks)
        self.subjects = told.get("subjects", self.subjects)
        self.problem = told.get("problem", "")
        if "result" in told:
            self.results.setdefault(told["of"], []).append(Result(**told["result"]))

    @property
    def next(self) -> tuple[int, int] | None:
        """The callback and the check that come next; ``None`` when all is told."""
        for index in range(len(self.subjects)):
            if (told := len(self.results.get(index, []))) < len(self.checks):
                return index, told
        return None if self.subjects else (0, 0)


def judge_apart(
    target: str, wishes: dict[str, Any], apart: Apart, hear: Callable[[Card], object]
) -> None:
    """Judge all callbacks that a target means.

    Args:
        target: as on the command line.
        wishes: of `dryfit.tools.check.check_targets.wishes_of`.
        apart: where.
        hear: takes each card.

    Raises:
        BadTargetError: it means none.
    """
    heard, ends = _Heard(), 0
    while (place := heard.next) is not None:
        ended = apart.run(_JOB, target, wishes, place, hear=heard.hear)
        if heard.problem:
            raise BadTargetError(heard.problem)
        if (place := heard.next) is None:
            break
        ends += 1
        if not heard.subjects:
            hear(Card(target, (_result("plain run", ended, "before it is made: "),)))
            return
        index, check = place
        rows = heard.results.setdefault(index, [])
        rows.append(_result(heard.checks[check], ended))
        if ends == _MOST_ENDS or heard.checks[check] == "plain run":
            rows += [_left_out(name, rows[-1]) for name in heard.checks[len(rows) :]]
    for index, name in enumerate(heard.subjects):
        hear(Card(name, tuple(heard.results[index])))


def _result(check: str, ended: ProcessEnded, where: str = "") -> Result:
    """What the check in which a process ended is told to be."""
    return Result(
        check,
        "failed",
        f"{where}{_how(ended)}",
        why="A training that meets this goes down with Python, or never ends.",
        write=_instead(ended),
    )


def _how(ended: ProcessEnded) -> str:
    if ended.cut:
        return f"had to be ended: {ended.cut}"
    if ended.status < 0:
        return f"Python was ended by {signal.Signals(-ended.status).name}"
    last = ended.output.strip().splitlines()[-1:] if ended.status else []
    return f"ends Python with status {ended.status}{''.join(f': {line}' for line in last)}"


def _instead(ended: ProcessEnded) -> str:
    if ended.cut:
        return "a time limit around what it waits for, and nothing printed for each batch"
    if ended.status < 0:
        return "what does not crash the interpreter; python -X faulthandler says where"
    return "self.model.stop_training = True, where it ends a training"


def _left_out(check: str, end: Result) -> Result:
    return Result(check, "not_applicable", f"not played: Python did not come through {end.name!r}")
