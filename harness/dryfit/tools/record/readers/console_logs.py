r"""What Keras printed: ``fit`` with ``verbose=1`` or ``2``, and its callbacks' lines.

A progress bar prints an epoch many times over, with ``\r``, ``\b`` and colours on a
terminal and line by line into a file; what counts is the bar that is full, and the last
of those: it has the validation too. Numbers have four digits. The formats are those of
``keras/src/utils/progbar.py`` of keras 2.0 to 3.15.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dryfit.tools.record.readers.console_decisions import PrintedDecisions
from dryfit.tools.record.readers.epoch_table import Cell, Table, curves
from dryfit.tools.record.readers.logged_curve import LoggedCurve
from dryfit.tools.record.readers.logged_file import LoggedFile

_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x08")
_HEADER = re.compile(r"Epoch (?P<epoch>\d{1,9})/(?P<planned>\d{1,9})\s*$")
_BAR = re.compile(r"\s*(?P<batch>\d{1,9})/(?P<batches>\d{1,9}|Unknown)\b(?P<line>\s+-\s+\d+s\b)?")
_BARE = re.compile(r"\s*- \d+s( \S+/(step|epoch))? - ")  # verbose=2 before keras 2.5
_METRIC = re.compile(
    r" - (?P<name>(?! )((?! - )[^:])+): (?P<value>[-+]?(\d+\.?\d*(e[-+]?\d+)?|nan|inf))(?=\s|$)"
)
_WHOLE_END = re.compile(r"(\.\d{4}(e[-+]\d\d)?|nan|inf|/step|/epoch)\s*$")


@dataclass
class _Epoch:
    index: int
    line: int
    metrics: dict[str, float] = field(default_factory=dict)
    batches: int | None = None
    closed: bool = False
    ended: str = ""


@dataclass
class _Training:
    planned: int
    epochs: list[_Epoch] = field(default_factory=list)
    decisions: PrintedDecisions = field(default_factory=PrintedDecisions)


def read(file: LoggedFile) -> list[LoggedCurve] | None:
    """Read what Keras printed; ``None`` if it is not that.

    Raises:
        ScenarioFileError: no epoch in it is over.
    """
    if file.text.lstrip()[:1] == "{" or not re.search(r"Epoch \d+/\d+[ \t]*$", file.text, re.M):
        return None
    trainings = _trainings(file.raw_text)
    if not any(epoch.metrics for training in trainings for epoch in training.epochs):
        raise file.refused("is what Keras printed, and no epoch in it is over")
    found = []
    for at, training in enumerate(trainings, 1):
        curve = _curve(file, training, at == len(trainings))
        if curve is not None:
            found.append(curve)
    if not found:
        raise file.refused("is what Keras printed, and no epoch in it is over")
    return found


def _segments(text: str) -> Iterator[tuple[int, str, str]]:
    r"""Each piece of a line that is printed over by the next, with its line and end."""
    text = re.sub(r"\r+\n", "\n", text) + "\n"
    for line, whole in enumerate(text.split("\n")[:-1], 1):
        *over, last = _COLOUR.sub("", whole).split("\r")
        yield from ((line, part, "\r") for part in over if part.strip())
        if last.strip() or not over:
            yield line, last, "\n"


def _trainings(text: str) -> list[_Training]:
    trainings: list[_Training] = []
    on_a_terminal = bool(re.search(r"\r(?!\r*\n)", text))
    previous_was_full = False
    for line, part, end in _segments(text):
        if header := _HEADER.search(part):
            _begin(trainings, int(header["epoch"]) - 1, int(header["planned"]), line)
        elif trainings:
            epoch = trainings[-1].epochs[-1]
            epoch.closed |= previous_was_full and (on_a_terminal or not part.strip())
            heard = trainings[-1].decisions.hear(part, epoch.index)
            if heard:
                epoch.closed = False  # its line break cut the bar, and a last one follows
            elif _note(epoch, part):
                previous_was_full = end == "\n"
                continue
        previous_was_full = False
    return trainings


def _begin(trainings: list[_Training], index: int, planned: int, line: int) -> None:
    if not trainings or index <= trainings[-1].epochs[-1].index:
        trainings.append(_Training(planned))
    trainings[-1].planned = planned
    trainings[-1].epochs.append(_Epoch(index, line))


def _note(epoch: _Epoch, part: str) -> bool:
    """Note a full bar; whether it is one."""
    bar = _BAR.match(part)
    if bar is None and not _BARE.match(part):
        return False
    if bar is not None and bar["batch"] != bar["batches"]:
        epoch.closed |= bool(epoch.metrics)  # a bar of evaluate's or predict's
        return False
    metrics = {found["name"]: float(found["value"]) for found in _METRIC.finditer(part)}
    batches = None if bar is None else int(bar["batch"])
    known = set(epoch.metrics)
    more = known < set(metrics) and any(name.startswith("val_") for name in set(metrics) - known)
    if not metrics or (epoch.metrics and (epoch.batches != batches or not known <= set(metrics))):
        return False
    if epoch.closed and not more:
        return False
    epoch.metrics, epoch.batches = metrics, batches
    epoch.closed = bar is None or bar["line"] is not None  # verbose=2: one line, and it is whole
    epoch.ended = part
    return True


def _curve(file: LoggedFile, training: _Training, is_last: bool) -> LoggedCurve | None:
    notes = []
    epochs, last = training.epochs, training.epochs[-1]
    if not _is_over(file, training, is_last):
        notes.append(f"left out: epoch {last.index} (printed {last.index + 1}), which is not over")
        epochs = epochs[:-1]
    whole = [epoch for epoch in epochs if epoch.metrics]
    if not whole:
        return None
    names = dict.fromkeys(name for epoch in whole for name in epoch.metrics)
    columns: dict[str, list[Cell]] = {"epoch": [float(epoch.index) for epoch in whole]}
    columns |= {name: [epoch.metrics.get(name) for epoch in whole] for name in names}
    (curve,) = curves(file, Table(columns, [epoch.line for epoch in whole]))
    decisions, batches = training.decisions, {epoch.batches for epoch in whole}
    expect = decisions.expect(curve.first_epoch, curve.epochs)
    ended = curve.first_epoch + curve.epochs
    if decisions.stopped is None and ended < training.planned:
        notes.append(f"{training.planned} epochs were planned, and the log ends after {ended}")
    return LoggedCurve(
        "",
        curve.first_epoch,
        curve.metrics,
        curve.place,
        planned=None if decisions.stopped is None else training.planned,
        batches=batches.pop() if len(batches) == 1 else None,
        expect=expect,
        callbacks=decisions.callbacks("val_loss" if "val_loss" in names else "loss"),
        notes=("printed with four digits", *curve.notes, *notes),
    )


def _is_over(file: LoggedFile, training: _Training, is_last: bool) -> bool:
    *before, last = training.epochs
    if not last.metrics:
        return False
    if not is_last:
        return True
    if file.raw_text.rstrip().endswith(_COLOUR.sub("", last.ended).strip()):
        if not file.raw_text.endswith("\n") and not _WHOLE_END.search(last.ended):
            return False
        usual = [name for epoch in before for name in epoch.metrics]
        always = {name for name in usual if usual.count(name) == len(before)}
        return always <= set(last.metrics)
    return True
