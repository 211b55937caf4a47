"""Tables of text: a CSVLogger's file, pandas' ``to_csv``, a table of many curves.

The separator is the one that stands behind ``epoch``, as CSVLogger writes it; else the
one that cuts most lines into as many fields as the first has.
"""

import csv
import re
from collections.abc import Iterator, Sequence

from dryfit.tools.record.readers.epoch_table import Cell, Table, cell, curves
from dryfit.tools.record.readers.logged_curve import LoggedCurve
from dryfit.tools.record.readers.logged_file import LoggedFile
from dryfit.tools.record.readers.tracking_exports import tables_of_mlflow, tables_of_wandb
from dryfit_fakes.quantities import quantity

_SEPARATORS = (",", ";", "\t", "|", " ", ":")
_EPOCH_FIRST = re.compile(r'\s*("?)epoch\1(?P<separator>[^\w"])', re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"\s*[-+]?\d+,\d+(e[-+]?\d+)?\s*", re.IGNORECASE)

Row = tuple[int, list[str]]


def read(file: LoggedFile) -> list[LoggedCurve] | None:
    """Read a table of text; ``None`` if it is none.

    Raises:
        ScenarioFileError: what is wrong in it, with its line.
    """
    lines = file.text.split("\n")
    if not re.search(r"\w", file.text):
        return None
    start = next(index for index, line in enumerate(lines) if line.strip())
    separator = _separator(lines[start:])
    try:
        rows = list(_rows(lines, separator))
    except csv.Error as error:
        raise file.refused(f"no table: {error}") from None
    if not rows or not _is_table(rows):
        return None
    rows = _without_torn(file, rows)
    found = []
    for section in _sections(rows):
        for table in _tables(file, section, separator):
            found += curves(file, table)
    return found


def _separator(lines: Sequence[str]) -> str:
    head = [line for line in lines[:200] if line.strip()]
    if first := _EPOCH_FIRST.match(head[0]):
        return first["separator"]

    def agreeing(separator: str) -> tuple[bool, int]:
        widths = [len(row) for _, row in _rows(head, separator)]
        return widths[:1] > [1], sum(width == widths[0] for width in widths[1:])

    return max(_SEPARATORS, key=agreeing)  # the first of equals


def _rows(lines: Sequence[str], separator: str) -> Iterator[Row]:
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator)
    for row in reader:
        if any(field.strip() for field in row):
            yield reader.line_num, row


def _is_table(rows: Sequence[Row]) -> bool:
    header = rows[0][1]
    if header[0].strip().lower() == "epoch":
        return True
    numbers = (cell(field) for _, row in rows[1:] for field in row)
    return not isinstance(cell(header[-1]), float) and any(
        isinstance(value, float) for value in numbers
    )


def _without_torn(file: LoggedFile, rows: list[Row]) -> list[Row]:
    """Refuse a last line that is cut off, or leave it out."""
    width = max(len(row) for _, row in _sections(rows)[-1][:1])
    line, last = rows[-1]
    short = len(last) < width
    if len(rows) == 1 or not (short or not file.text.endswith("\n")):
        return rows
    if file.drop_torn_line:
        return rows[:-1]
    found = f"{len(last)} of {width} fields" if short else "no line end"
    remedy = "" if short else "add the line end if it is whole, or "
    raise file.refused(
        f"the last line is cut off: it has {found}. {quantity(len(rows) - 2, 'whole epoch')} "
        f"before it; {remedy}go on without it, with --drop-torn-line",
        line,
    )


def _sections(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows below each header: trainings that were put behind one another have several."""
    sections: list[list[Row]] = []
    for line, row in rows:
        if not sections or row[0].strip().lower() == "epoch" or row == sections[-1][0][1]:
            sections.append([])
        sections[-1].append((line, row))
    return sections


def _tables(file: LoggedFile, section: Sequence[Row], separator: str) -> list[Table]:
    (line, header), *rows = section
    if len(set(header)) < len(header):
        raise file.refused(f"a name stands twice in {', '.join(header)}", line)
    if not rows:
        raise file.refused("no epochs: there is a header and nothing below it", line)
    for at, row in rows:
        if len(row) != len(header):
            raise file.refused(f"{len(row)} fields, and the header has {len(header)}", at)
    columns = {
        name: [_cell(row[index], separator) for _, row in rows] for index, name in enumerate(header)
    }
    table = Table(columns, [at for at, _ in rows])
    for tables_of in (tables_of_mlflow, tables_of_wandb):
        if tables := tables_of(table):
            return tables
    return _tables_by_curve(table, file.curve_column) or [table]


def _cell(text: str, separator: str) -> Cell:
    if separator != "," and _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    return cell(text)


def _tables_by_curve(table: Table, curve_column: str) -> list[Table]:
    """The curves of a table with a column that names them."""
    if curve_column not in table.columns:
        return []
    rows: dict[Cell, list[int]] = {}
    for row, curve in enumerate(table.columns[curve_column]):
        rows.setdefault(curve, []).append(row)
    others = {name: column for name, column in table.columns.items() if name != curve_column}
    return [
        Table(
            {name: [column[row] for row in mine] for name, column in others.items()},
            [table.lines[row] for row in mine],
            id=f"{curve:g}" if isinstance(curve, float) else str(curve),
        )
        for curve, mine in rows.items()
    ]
