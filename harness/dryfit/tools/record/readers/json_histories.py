"""JSON: a ``History.history``, what holds one, pandas' ``to_json``, a record a line."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dryfit.scenario.history_columns import HistoryError, one_length, spread
from dryfit.tools.record.readers.epoch_table import Table, cell, curves
from dryfit.tools.record.readers.logged_curve import LoggedCurve
from dryfit.tools.record.readers.logged_file import LoggedFile

_EXPECTED = (
    "expected a History.history, a list of numbers for each metric, such as "
    '{"loss": [1.0, 0.5]}; found '
)


def read(file: LoggedFile) -> list[LoggedCurve] | None:
    """Read JSON; ``None`` if it is none.

    Raises:
        ScenarioFileError: what is wrong in it, with its line.
    """
    if file.text.lstrip()[:1] not in ("{", "["):
        return None
    found = [curve for table in _parsed(file) for curve in curves(file, table)]
    if not re.search(r"[\[:,]\s*null\b", file.text):
        return found
    note = "null is taken for no value; pandas writes nan so, too"
    return [replace(curve, notes=(*curve.notes, note)) for curve in found]


def _parsed(file: LoggedFile) -> list[Table]:
    try:
        value = json.loads(file.text)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data" or "\n" not in file.text[: error.pos]:
            raise _broken(file, error) from None
        return [_of_lines(file)]
    except RecursionError:
        raise file.refused("is nested too deep to be a history") from None
    except ValueError as error:  # a whole number of more digits than Python reads
        raise file.refused(f"not JSON that can be read: {error}") from None
    try:
        return _tables(file, value, "")
    except RecursionError:
        raise file.refused("is nested too deep to be a history") from None


def _broken(file: LoggedFile, error: json.JSONDecodeError) -> Exception:
    cut = not file.text[error.pos :].strip() or error.msg.startswith("Unterminated")
    hint = "; it ends in the middle: was it cut off?" if cut else ""
    return file.refused(f"not JSON: {error.msg}{hint}", error.lineno)


def _of_lines(file: LoggedFile) -> Table:
    records, lines = [], []
    whole = file.text.rstrip().split("\n")
    for line, text in enumerate(whole, 1):
        if not text.strip():
            continue
        try:
            record = json.loads(text)
        except (ValueError, RecursionError) as error:
            if line == len(whole) and file.drop_torn_line:
                break
            torn = "; go on without it, with --drop-torn-line" if line == len(whole) else ""
            raise file.refused(f"not JSON: {getattr(error, 'msg', error)}{torn}", line) from None
        if not isinstance(record, Mapping):
            raise file.refused(f"a line of JSON is a record of an epoch; found {text[:40]}", line)
        records.append(record)
        lines.append(line)
    return Table(_columns_of_records(records), lines)


def _tables(file: LoggedFile, value: object, name: str) -> list[Table]:
    """The tables of JSON, by the shape that each way of writing one has."""
    for shape in (_holding, _split, _schema, _by_name, _lists, _records, _several):
        if (found := shape(file, value, name)) is not None:
            return found
    if isinstance(value, list) and value and all(isinstance(row, list) for row in value):
        raise file.refused(
            "rows of numbers without names (orient='values'); write them with "
            "orient='columns', pandas' default"
        )
    raise file.refused(_EXPECTED + _kind(value))


def _holding(file: LoggedFile, value: object, name: str) -> list[Table] | None:
    """``{"history": …, "epoch": […]}``: a History's own attributes."""
    if not isinstance(value, Mapping) or not isinstance(value.get("history"), Mapping | list):
        return None
    history, epochs = value["history"], value.get("epoch")
    if isinstance(history, Mapping) and isinstance(epochs, list) and "epoch" not in history:
        lengths = {len(column) for column in history.values() if isinstance(column, list)}
        history = {"epoch": epochs, **history} if lengths == {len(epochs)} else history
    return _tables(file, history, name)


def _split(_: LoggedFile, value: object, name: str) -> list[Table] | None:
    if not isinstance(value, Mapping) or not {"columns", "data"} <= set(value):
        return None
    names, rows = value["columns"], value["data"]
    if not _are(rows, list) or not isinstance(names, list):
        return None
    columns = {str(key): [cell(_at(row, at)) for row in rows] for at, key in enumerate(names)}
    index = value.get("index")
    if isinstance(index, list) and len(index) == len(rows):
        columns = {"": [cell(at) for at in index], **columns}
    return [Table(columns, id=name)]


def _schema(_: LoggedFile, value: object, name: str) -> list[Table] | None:
    """``orient="table"``."""
    if not isinstance(value, Mapping) or not {"schema", "data"} <= set(value):
        return None
    rows = value["data"]
    return [Table(_columns_of_records(rows), id=name)] if _are(rows, Mapping) else None


def _by_name(_: LoggedFile, value: object, name: str) -> list[Table] | None:
    """``orient="columns"``, ``{"loss": {"0": 1}}``, and ``orient="index"``, the other way."""
    if not isinstance(value, Mapping) or not _are(list(value.values()), Mapping):
        return None
    if any(isinstance(item, Mapping | list) for row in value.values() for item in row.values()):
        return None
    if all(_is_index(key) for key in value):
        columns = _columns_of_records(list(value.values()))
        return [Table({"": [cell(key) for key in value], **columns}, id=name)]
    index = list(dict.fromkeys(key for column in value.values() for key in column))
    columns = {str(key): [cell(at.get(row)) for row in index] for key, at in value.items()}
    return [Table({"": [cell(key) for key in index], **columns}, id=name)]


def _lists(file: LoggedFile, value: object, name: str) -> list[Table] | None:
    """A ``History.history``; what stands beside its lists is said to be left out."""
    if not isinstance(value, Mapping):
        return None
    columns = {str(key): item for key, item in value.items() if isinstance(item, list)}
    if not columns:
        return None
    if not any(columns.values()):
        raise file.refused("no epochs: every list is empty")
    cells = {key: [cell(item) for item in column] for key, column in columns.items()}
    try:
        first = cells["epoch"][0] if "epoch" in cells else 0
        cells = spread(cells, int(first) if isinstance(first, float) else 0, file.validation_freq)
        one_length(cells)
    except HistoryError as error:
        raise file.refused(str(error), _line_of(file.text, error.key)) from None
    rows = len(next(iter(cells.values())))
    beside = {str(key): [cell(repr(item))] for key, item in value.items() if str(key) not in cells}
    told = {key: [f"{item[0]}"] * rows for key, item in beside.items()}
    return [Table({**cells, **told}, id=name)]


def _records(_: LoggedFile, value: object, name: str) -> list[Table] | None:
    if not isinstance(value, list) or not _are(value, Mapping):
        return None
    if any(isinstance(item, list) for row in value[:1] for item in row.values()):
        return None
    return [Table(_columns_of_records(value), id=name)]


def _several(file: LoggedFile, value: object, _: str) -> list[Table] | None:
    """Histories by name, or in a list: of a cross-validation, say."""
    if isinstance(value, Mapping) and _are(list(value.values()), Mapping):
        parts = [(str(key), part) for key, part in value.items()]
    elif isinstance(value, list) and _are(value, Mapping):
        parts = [(str(key), part) for key, part in enumerate(value, 1)]
    else:
        return None
    return [table for name, part in parts for table in _tables(file, part, name)]


def _columns_of_records(records: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for record in records for name in record)
    return {str(name): [cell(record.get(name)) for record in records] for name in names}


def _are(values: Any, kind: type) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(v, kind) for v in values)


def _is_index(key: object) -> bool:
    return str(key).isdecimal()


def _at(row: Sequence[Any], index: int) -> Any:
    return row[index] if index < len(row) else None


def _line_of(text: str, key: str | None) -> int:
    position = text.find(f'"{key}"') if key is not None else -1
    return 1 if position < 0 else text.count("\n", 0, position) + 1


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        told = ", ".join(f"{key}: {value[key]!r}"[:40] for key in list(value)[:3])
        return f"a mapping with {told}" if value else "nothing in it"
    return "a list" if isinstance(value, list) else repr(value)
