"""Scenarios of what people have already: a ``History``, its JSON, a CSVLogger's file.

They say what was reported and nothing of what was decided: the list of callbacks
is empty, for whoever reads it to fill.
"""

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from dryfit.recording.layout import document
from dryfit.recording.notation import LARGEST, Raw, number, series
from dryfit.scenario.load import SUFFIX
from dryfit.scenario.problems import Problem, ScenarioFileError

RATES = ("learning_rate", "lr")  # Keras' name and tf_keras'
_COMMENT = (
    "A callback, in place of the [] above:",
    "  - EarlyStopping: {monitor: loss, patience: 2}",
    "What it does, `dryfit accept FILE --only stopped,weights` writes into expect.",
)


class HistoryError(ValueError):
    """Numbers that are no training's; the message says which, and what to do.

    Attributes:
        key: the metric it is about, if it is about one.
    """

    def __init__(self, message: str, key: str | None = None) -> None:
        super().__init__(message)
        self.key = key


def from_history(
    history: Any,
    *,
    name: str = "history",
    initial_epoch: int | None = None,
    validation_freq: int = 1,
    source: str = "a History",
) -> str:
    """Write what a training reported as the text of a scenario file.

    Args:
        history: what ``fit`` returned, or its ``history``: a list of numbers for
            each metric.
        name: what the scenario is called.
        initial_epoch: the index of the first epoch; by default what the
            ``History`` says, or 0.
        validation_freq: as in ``fit``: a history does not say which epochs had
            a validation.
        source: where the numbers are from, for the file's ``about``.

    Raises:
        HistoryError: lists of unequal lengths, or a value that is no number.

    >>> print(from_history({"loss": [1.0, 0.5], "val_loss": [1.5, float("nan")]}))
    name: history
    about: |-
      made of a History, which says nothing of callbacks
    script:
      epochs: 2
      metrics:
        loss: 1 0.5
        val_loss: 1.5 nan
    callbacks: []
    # A callback, in place of the [] above:
    #   - EarlyStopping: {monitor: loss, patience: 2}
    # What it does, `dryfit accept FILE --only stopped,weights` writes into expect.
    expect:
      epochs_run: 2
    <BLANKLINE>
    """
    initial_epoch, columns = by_epoch(history, initial_epoch, validation_freq)
    epochs = len(next(iter(columns.values())))
    rates = next((columns.pop(key) for key in RATES if key in columns), None)
    about = [f"made of {source}, which says nothing of callbacks"]
    script: dict[str, Any] = {"epochs": initial_epoch + epochs}
    if initial_epoch:
        script["initial_epoch"] = initial_epoch
    if rates is not None:
        about.append(f"the learning rate, as it was logged: {series(map(number, rates))}")
        started = next((rate for rate in rates if rate is not None), None)
        script |= {} if started is None else {"learning_rate": Raw(number(started))}
    script["metrics"] = {
        key: series([*["_"] * initial_epoch, *map(number, column)])
        for key, column in columns.items()
    }
    return document(name, about, script, [], {"epochs_run": epochs}, _COMMENT)


def by_epoch(
    history: Any, initial_epoch: int | None = None, validation_freq: int = 1
) -> tuple[int, dict[str, list[float | None]]]:
    """Read what a training reported: the first epoch, and each metric's value in every epoch.

    Raises:
        HistoryError: lists of unequal lengths, or a value that is no number.
    """
    if initial_epoch is None:
        initial_epoch = next(iter(getattr(history, "epoch", ())), 0)
    columns = _columns(getattr(history, "history", history))
    if validation_freq > 1:
        columns = _spread(columns, initial_epoch, validation_freq)
    _one_length(columns)
    return initial_epoch, columns


def from_file(path: Path, *, validation_freq: int = 1, drop_torn_line: bool = False) -> str:
    """Write a file of numbers as the text of a scenario file.

    Args:
        path: ``.json``, a ``History.history``; or ``.csv``, a CSVLogger's file.
        validation_freq: as in `from_history`.
        drop_torn_line: go on without a last line that is cut off.

    Raises:
        ScenarioFileError: what is wrong in the file, with its line.
    """
    readers = {".json": _read_json, ".csv": _read_csv}
    if path.suffix not in readers:
        raise _refused(path, 1, "is neither .json (a History.history) nor .csv (a CSVLogger's)")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _refused(path, 1, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise _refused(path, 1, f"is not UTF-8: byte 0x{error.object[error.start]:02x}") from None
    if not text.strip():
        raise _refused(path, 1, "the file is empty")
    first, columns = readers[path.suffix](path, text, drop_torn_line)
    try:
        return from_history(
            columns,
            name=path.stem,
            initial_epoch=first,
            validation_freq=validation_freq,
            source=path.name,
        )
    except HistoryError as error:
        raise _refused(path, _line_of(text, error.key), str(error)) from None


def write_new(file: Path, text: str) -> Path:
    """Write a scenario file where there is none yet.

    Raises:
        ScenarioFileError: the name has another ending, or the file is there.
    """
    if not file.name.endswith(SUFFIX):
        raise _refused(file, 1, f"a scenario file is NAME{SUFFIX}; say so with --out")
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise _refused(file, 1, "is there already; name another with --out, or delete it") from None
    except OSError as error:
        raise _refused(file, 1, f"cannot be written: {error.strerror}") from None
    return file


def _columns(values: Any) -> dict[str, list[Any]]:
    if not isinstance(values, Mapping) or not values:
        raise HistoryError(
            "expected a History.history, a list of numbers for each metric, such as "
            f'{{"loss": [1.0, 0.5]}}; found {_kind(values)}'
        )
    return {str(key): _column(str(key), column) for key, column in values.items()}


def _column(key: str, column: Any) -> list[float | None]:
    column = column.tolist() if hasattr(column, "tolist") else column
    if isinstance(column, str | Mapping) or not isinstance(column, Iterable):
        raise HistoryError(f"{key}: expected a list of numbers, found {_kind(column)}", key)
    return [_number(key, epoch, value) for epoch, value in enumerate(column)]


def _number(key: str, index: int, value: Any) -> float | None:
    value = value.item() if hasattr(value, "item") and getattr(value, "shape", 0) == () else value
    if value is _ABSENT:
        return None
    if value is None:
        raise HistoryError(f"{key}[{index}] is null; write NaN if that is what it was", key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise HistoryError(f"{key}[{index}] is {value!r}, no number", key)
    if LARGEST < abs(value) < float("inf"):
        raise HistoryError(f"{key}[{index}] is {value!r}, beyond float32, which Keras has", key)
    return float(value)


_ABSENT = object()


def _spread(columns: dict[str, list[Any]], first: int, freq: int) -> dict[str, list[Any]]:
    """Put the values of validations into the epochs in which they ran."""
    epochs = max(map(len, columns.values()))
    ran = [index for index in range(epochs) if (first + index + 1) % freq == 0]
    for key, column in columns.items():
        if key.startswith("val_") and len(column) == len(ran):
            by_index = dict(zip(ran, column, strict=True))
            columns[key] = [by_index.get(index) for index in range(epochs)]
    return columns


def _one_length(columns: dict[str, list[Any]]) -> None:
    lengths = {key: len(column) for key, column in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{key} has {length}" for key, length in lengths.items())
        shorter = min(lengths, key=lambda key: lengths[key])
        raise HistoryError(
            f"unequal lengths: {told}. Where validation ran every N epochs, say validation_freq=N "
            "(--validation-freq N); else the file is not whole",
            shorter,
        )
    if not any(lengths.values()):
        raise HistoryError("no epochs: every list is empty")


def _read_json(path: Path, text: str, _: bool) -> tuple[int, Any]:
    try:
        return 0, json.loads(text)
    except json.JSONDecodeError as error:
        cut = not text[error.pos :].strip() or error.msg.startswith("Unterminated")
        hint = "; it ends in the middle: was it cut off?" if cut else ""
        raise _refused(path, error.lineno, f"not JSON: {error.msg}{hint}") from None


def _read_csv(path: Path, text: str, drop_torn_line: bool) -> tuple[int, dict[str, list[Any]]]:
    header, *rows = _whole_lines(path, text, drop_torn_line)
    if header[:1] != ["epoch"]:
        raise _refused(path, 1, f"expected a CSVLogger's file, epoch,loss,...; found {text[:40]!r}")
    if len(set(header)) < len(header):
        raise _refused(path, 1, f"a name stands twice in {', '.join(header)}")
    if not rows:
        raise _refused(path, 1, "no epochs: there is a header and nothing below it")
    first = 0
    for line, expected, row in zip(count(2), count(), rows, strict=False):
        epoch = _field(path, line, "epoch", row[0])
        first = int(epoch) if line == 2 and epoch == int(epoch) else first
        if epoch != first + expected:
            raise _refused(
                path,
                line,
                f"epoch {row[0]} where {first + expected} is expected; "
                "a file that several trainings wrote must be split, one file each",
            )
    columns = {
        name: [_field(path, line, name, row[index]) for line, row in enumerate(rows, 2)]
        for index, name in enumerate(header)
        if index > 0
    }
    # CSVLogger makes val_ columns of nothing but NA where there was no validation.
    told = {name: column for name, column in columns.items() if set(column) != {_ABSENT}}
    return first, told


def _whole_lines(path: Path, text: str, drop_torn_line: bool) -> list[list[str]]:
    lines = text.splitlines(keepends=True)
    separator = next((sep for sep in (",", ";", "\t") if sep in lines[0]), ",")
    rows = list(csv.reader(lines, delimiter=separator))
    width = len(rows[0])
    torn = len(rows[-1]) < width or not lines[-1].endswith(("\n", "\r"))
    if torn and len(rows) > 1:
        if not drop_torn_line:
            raise _refused(path, len(rows), _torn(rows[-1], rows[0], len(rows) - 2))
        del rows[-1]
    for line, row in enumerate(rows, 1):
        if len(row) != width:
            raise _refused(path, line, f"{len(row)} fields, and the header has {width}")
    return rows


def _torn(row: Sequence[str], header: Sequence[str], whole: int) -> str:
    found = f"{len(row)} of {len(header)} fields" if len(row) < len(header) else "no line end"
    remedy = "" if len(row) < len(header) else "add the line end if it is whole, or "
    return (
        f"the last line is cut off: it has {found}. {whole} whole epochs stand before it; "
        f"{remedy}go on without it, with --drop-torn-line"
    )


def _field(path: Path, line: int, name: str, text: str) -> Any:
    if text.strip() == "NA" and name != "epoch":
        return _ABSENT
    try:
        value = float(text)
    except ValueError:
        raise _refused(path, line, f"{name} is {text!r}, no number") from None
    if name == "epoch" and not (value >= 0 and value == int(value)):
        raise _refused(path, line, f"epoch is {text!r}, no whole number of 0 or more")
    return value


def _line_of(text: str, key: str | None) -> int:
    """The line in which a metric is named, in JSON; 1 where that is not known."""
    found = re.search(rf'"{re.escape(key)}"\s*:', text) if key is not None else None
    return 1 if found is None else text.count("\n", 0, found.start()) + 1


def _refused(path: Path, line: int, message: str) -> ScenarioFileError:
    return ScenarioFileError([Problem(path, line, "", message)])


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a mapping" if value else "nothing in it"
    if isinstance(value, list | tuple):
        return "a list"
    return repr(value) if isinstance(value, str | int | float) else type(value).__name__
