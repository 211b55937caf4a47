"""A table with a row for each epoch, as curves: the rules that every format shares.

A training begins where the epoch falls back. Epochs that a table leaves out have no
values. A column of text is left out by name; a word among numbers is an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dryfit.facts.notation import LARGEST
from dryfit.tools.record.readers.logged_curve import LoggedCurve
from dryfit.tools.record.readers.logged_file import LoggedFile

Cell = float | str | None

MAX_EPOCHS = 1_000_000

EPOCHS = ("epoch", "epochs", "epoch/epoch")
_STEPS = ("step", "_step")
_INDICES = ("", "index", "unnamed: 0")  # pandas' own
_LONGEST_NAME = 500  # YAML takes no more than 1,024 characters for a key
_NOTHING = ("", "na", "n/a", "null", "none", "<na>")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of one length.

    Attributes:
        columns: by name, the cells from top to bottom.
        lines: of each row in the file; empty if they are not known.
        breaks: rows before which another training begins, whatever the epoch.
        id: what tells it from the other tables of its file.
    """

    columns: Mapping[str, Sequence[Cell]]
    lines: Sequence[int] = ()
    breaks: frozenset[int] = frozenset()
    id: str = ""


def cell(value: object) -> Cell:
    """Read a value: a number, ``None`` for nothing, else a text that says what it is.

    >>> cell("0.5"), cell("NA"), cell(2), cell("nan"), cell([1, 2])
    (0.5, None, 2.0, nan, '[1, 2]')
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return repr(value)
    if isinstance(value, str) and value.strip().lower() in _NOTHING:
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return str(value)


def curves(file: LoggedFile, table: Table) -> list[LoggedCurve]:
    """Read the curves of a table.

    Raises:
        ScenarioFileError: a word among numbers, an epoch that is none, or no numbers at all.
    """
    longest = max(table.columns, key=len, default="")
    if len(longest) > _LONGEST_NAME:
        told = f"a name of {len(longest):,} characters; one has {_LONGEST_NAME} at most"
        raise file.refused(told)
    clock, by_step = _clock(table, file.epoch_column)
    left_out, names = _sorted(file, table, clock)
    rows = len(next(iter(table.columns.values()), ()))
    if not names or not rows:
        told = "; ".join(left_out) or f"found {', '.join(table.columns) or 'nothing'}"
        raise file.refused(f"no numbers by epoch in it: {told}", *table.lines[:1])
    epochs = list(range(rows)) if clock is None else _epochs(file, table, clock)
    starts = [0, *_starts(epochs, table.breaks), rows]
    return [
        _curve(file, table, names, epochs, range(start, end), left_out, by_step)
        for start, end in pairwise(starts)
    ]


def _clock(table: Table, epoch_column: str) -> tuple[str | None, bool]:
    """The column that counts epochs, and whether it may count something else."""
    named = {name.strip().lower(): name for name in table.columns}
    names = (epoch_column.strip().lower(), *EPOCHS)
    for known, by_step in ((names, False), (_STEPS, True), (_INDICES, False)):
        for name in known:
            if name not in named:
                continue
            values = table.columns[named[name]]
            if known is not _INDICES or all(isinstance(value, float) for value in values):
                return named[name], by_step
    return None, False


def _sorted(file: LoggedFile, table: Table, clock: str | None) -> tuple[list[str], list[str]]:
    left_out, names = [], []
    for name, column in table.columns.items():
        if name == clock or name.strip().lower() in _INDICES:
            continue
        words = [row for row, value in enumerate(column) if isinstance(value, str)]
        numbers = sum(isinstance(value, float) for value in column)
        if words and numbers:
            where = name if table.lines else f"{name}[{words[0]}]"
            found = f"{where} is {column[words[0]]!r}, no number"
            raise file.refused(found, _line(file, table, name, words[0]))
        if words:
            left_out.append(f"left out: {name}, no numbers, such as {_short(column[words[0]])}")
        elif numbers:  # CSVLogger makes val_ columns of nothing but NA where none was validated
            names.append(name)
            _check_float32(file, table, name)
    return left_out, names


def _check_float32(file: LoggedFile, table: Table, name: str) -> None:
    for row, value in enumerate(table.columns[name]):
        if isinstance(value, float) and LARGEST < abs(value) < float("inf"):
            where = name if table.lines else f"{name}[{row}]"
            message = f"{where} is {value!r}, beyond float32, which Keras has"
            raise file.refused(message, _line(file, table, name, row))


def _epochs(file: LoggedFile, table: Table, clock: str) -> list[int]:
    epochs = []
    for row, value in enumerate(table.columns[clock]):
        if not (isinstance(value, float) and value >= 0 and value == value // 1):
            message = (
                f"{clock or 'the index'} is {_told_value(value)}, no whole number of 0 or more"
            )
            raise file.refused(message, _line(file, table, clock, row))
        epochs.append(int(value))
    return epochs


def _starts(epochs: Sequence[int], breaks: frozenset[int]) -> Iterator[int]:
    for row, (before, epoch) in enumerate(pairwise(epochs), 1):
        if epoch <= before or row in breaks:
            yield row


def _curve(
    file: LoggedFile,
    table: Table,
    names: Sequence[str],
    epochs: Sequence[int],
    rows: range,
    left_out: Sequence[str],
    by_step: bool,
) -> LoggedCurve:
    notes, at = list(left_out), [epochs[row] for row in rows]
    if by_step and at != list(range(at[0], at[0] + len(at))):
        notes.append(f"steps {at[0]}, {at[1]}, ... {at[-1]} are taken for epochs 0, 1, ...")
        at = list(range(len(at)))
    first, length = at[0], at[-1] - at[0] + 1
    if at[-1] >= MAX_EPOCHS:
        found = f"epoch {at[-1]} is more than the {MAX_EPOCHS:,} that a curve may have"
        raise file.refused(found, *table.lines[rows[-1] : rows[-1] + 1])
    if missing := sorted(set(range(first, first + length)) - set(at)):
        notes.append(f"not in the file: {_told(missing)}; they have no values here")
    metrics: dict[str, tuple[float | None, ...]] = {}
    for name in names:
        by_epoch = {epoch: table.columns[name][row] for epoch, row in zip(at, rows, strict=True)}
        found_values = [by_epoch.get(epoch) for epoch in range(first, first + length)]
        values = tuple(value for value in found_values if not isinstance(value, str))
        if any(value is not None for value in values):
            metrics[name.strip()] = values
    if not metrics:
        raise file.refused("no numbers by epoch in it", *table.lines[rows[0] : rows[0] + 1])
    place = f"lines {table.lines[rows[0]]}-{table.lines[rows[-1]]}" if table.lines else ""
    return LoggedCurve(table.id, first, metrics, place, notes=tuple(notes))


def _told(epochs: Sequence[int]) -> str:
    told = ", ".join(map(str, epochs[:5])) + (", ..." if len(epochs) > 5 else "")
    return f"epoch{'s' * (len(epochs) > 1)} {told}"


def _told_value(value: Cell) -> str:
    return f"{value:g}" if isinstance(value, float) else "empty" if value is None else repr(value)


def _short(value: Cell) -> str:
    text = str(value)
    return repr(text if len(text) <= 30 else text[:27] + "...")


def _line(file: LoggedFile, table: Table, name: str, row: int) -> int:
    if table.lines:
        return table.lines[row]
    position = file.text.find(f'"{name}"')
    return 1 if position < 0 else file.text.count("\n", 0, position) + 1
