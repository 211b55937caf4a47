"""The lines that Keras' callbacks print of what they decide, as a scenario's ``expect``.

The texts are those of keras 2.2 to 3.15 (``keras/src/callbacks``). They count epochs from
one; scenarios count from zero.
"""

import re
from pathlib import PurePosixPath
from typing import Any

from dryfit.facts.notation import Raw, number, series

_NUMBER = r"(?P<value>[-+.\deE]+?)\.?\s*$"
_LINES = {
    "stopped": re.compile(r"Epoch 0*(?P<epoch>\d{1,9}): early stopping\s*$"),
    "restored": re.compile(
        r"Restoring model weights from the end of the best epoch(: 0*(?P<epoch>\d{1,9}))?\.?\s*$"
    ),
    "reduced": re.compile(
        r"Epoch 0*(?P<epoch>\d{1,9}): ReduceLROnPlateau reducing .*learning rate to " + _NUMBER
    ),
    "set": re.compile(
        r"Epoch 0*(?P<epoch>\d{1,9}): LearningRateScheduler (re)?(setting|ducing) .*"
        r"learning rate to " + _NUMBER
    ),
    "saved": re.compile(
        r"Epoch 0*(?P<epoch>\d{1,9}): (?!finished)(.* improved from .*, )?"
        r"saving model to (?P<path>.+)$"
    ),
    "kept": re.compile(r"Epoch 0*(?P<epoch>\d{1,9}): .* did not improve"),
    "finished": re.compile(r"Epoch 0*(?P<epoch>\d{1,9}): finished saving model to "),
    "nan": re.compile(r"Batch (?P<batch>\d{1,9}): Invalid loss, terminating training"),
}
_IMPROVED = re.compile(r": (?P<monitor>\S+) improved from ")


class PrintedDecisions:
    """What the callbacks of one training printed."""

    def __init__(self) -> None:
        self.stopped: dict[str, Any] | None = None
        self._restored: list[dict[str, Any]] = []
        self._reductions: list[int] = []
        self._rates: dict[int, float] = {}
        self._checkpoints: list[dict[str, Any]] = []
        self._monitor: str | None = None

    def hear(self, line: str, epoch: int) -> bool:
        """Note what a line says; whether it is a callback's.

        Args:
            line: without line end.
            epoch: the one that goes on, from zero.
        """
        for kind, pattern in _LINES.items():
            if found := pattern.search(line):
                self._note(kind, found, epoch)
                return True
        return False

    def _note(self, kind: str, found: re.Match[str], epoch: int) -> None:
        if kind == "stopped":
            self.stopped = {"epoch": _epoch(found), "by": "EarlyStopping"}
        elif kind == "nan":
            batch = int(found["batch"])
            self.stopped = {"epoch": epoch, "batch": batch, "by": "TerminateOnNaN"}
        elif kind == "restored":
            to = {} if found["epoch"] is None else {"to": {"epoch": _epoch(found)}}
            self._restored.append({"by": "EarlyStopping", **to})
        elif kind == "reduced":
            self._reductions.append(_epoch(found))
        elif kind == "set":
            self._rates[_epoch(found)] = float(found["value"])
        elif kind == "saved":
            self._saved(found)

    def expect(self, first: int, epochs: int) -> dict[str, Any]:
        """The expectations, for so many epochs from a first one on.

        What was printed of other epochs is left out: the log was cut, or is of several runs.
        """
        ends = first + epochs
        expect: dict[str, Any] = {}
        if self.stopped is not None and first <= self.stopped["epoch"] < ends:
            expect["stopped"] = self.stopped
        restored = [r for r in self._restored if "to" not in r or 0 <= r["to"]["epoch"] < ends]
        if restored:
            expect["restored"] = restored
        rates = [self._rates.get(epoch) for epoch in range(first, ends)]
        if None not in rates:  # the scheduler's comes at the begin of each epoch
            expect["learning_rate"] = series(number(rate) for rate in rates)
        if reductions := sorted(e for e in set(self._reductions) if first <= e < ends):
            expect["reductions"] = {"ReduceLROnPlateau": Raw(" ".join(map(str, reductions)))}
        if saved := [c for c in self._checkpoints if first <= c["epoch"] < ends]:
            expect["checkpoints"] = saved
        if restored and "to" in restored[-1]:
            expect["weights"] = restored[-1]["to"]
        return expect

    def callbacks(self, monitor: str) -> tuple[str, ...]:
        """Lines of ``callbacks`` that would print so; settings that nobody knows are a guess."""
        monitor = self._monitor or monitor
        lines = []
        if self.stopped is not None and self.stopped["by"] == "TerminateOnNaN":
            lines.append("- TerminateOnNaN")
        if self._rates:
            lines.append(f"- LearningRateScheduler: {{schedule: {{piecewise: {self._steps()}}}}}")
        if self._reductions:
            lines.append(f"- ReduceLROnPlateau: {{monitor: {monitor}, patience: 2}}")
        if self._checkpoints:
            path = self._checkpoints[-1]["path"]
            lines.append(f'- ModelCheckpoint: {{filepath: "{path}", monitor: {monitor}}}')
        if self._restored or (self.stopped or {}).get("by") == "EarlyStopping":
            restores = ", restore_best_weights: true" if self._restored else ""
            lines.append(
                f"- EarlyStopping: {{monitor: {monitor}, patience: {self._patience()}{restores}}}"
            )
        return tuple(lines)

    def _patience(self) -> int:
        best = self._restored[-1].get("to", {}).get("epoch") if self._restored else None
        stopped = None if self.stopped is None else self.stopped["epoch"]
        return 2 if best is None or stopped is None or stopped <= best else stopped - best

    def _steps(self) -> str:
        steps: dict[int, float] = {}
        for epoch, rate in sorted(self._rates.items()):
            if not steps or rate != next(reversed(steps.values())):
                steps[epoch if steps else 0] = rate
        return "{" + ", ".join(f"{epoch}: {number(rate)}" for epoch, rate in steps.items()) + "}"

    def _saved(self, found: re.Match[str]) -> None:
        path = PurePosixPath(found["path"].strip())
        outside = path.is_absolute() or ".." in path.parts
        self._checkpoints.append(
            {
                "epoch": _epoch(found),
                "by": "ModelCheckpoint",
                "path": path.name if outside else str(path),
            }
        )
        if improved := _IMPROVED.search(found[0]):
            self._monitor = improved["monitor"]


def _epoch(found: re.Match[str]) -> int:
    return int(found["epoch"]) - 1
