"""Parquet: a table of many curves, with a column that names them and one that counts epochs."""

import importlib.util
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dryfit.facts.notation import LARGEST
from dryfit.tools.record.readers.epoch_table import EPOCHS, MAX_EPOCHS
from dryfit.tools.record.readers.logged_curve import LoggedCurve
from dryfit.tools.record.readers.logged_file import LoggedFile


def read(file: LoggedFile) -> list[LoggedCurve]:
    """Read Parquet.

    Raises:
        ScenarioFileError: pyarrow is missing, or what is wrong in the table.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise file.refused('is Parquet, which pyarrow reads: pip install "dryfit[sweep]"')
    import pyarrow

    columns = _columns(file)
    clock = next((n for n in columns if n.lower() in (*EPOCHS, file.epoch_column)), None)
    if clock is None:
        found = ", ".join(columns) or "none"
        raise file.refused(
            f"a table without epochs: it has no column {file.epoch_column!r}, it has {found}; "
            "name yours with --epoch-column"
        )
    epochs = _epochs(file, clock, columns.pop(clock))
    names = columns.pop(file.curve_column, None)
    metrics, left_out = _metrics(file, columns)
    if not metrics:
        raise file.refused(f"no numbers by epoch in it: {'; '.join(left_out) or 'only epochs'}")
    groups = _groups(names, epochs)
    del names, columns
    pyarrow.default_memory_pool().release_unused()
    return list(_curves(file, groups, epochs, metrics, left_out))


def _columns(file: LoggedFile) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Not read_table, whose datasets and threads take memory of their own.
        table = pq.ParquetFile(io.BytesIO(file.data)).read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise file.refused(f"Parquet that pyarrow cannot read: {error}") from None
    if not table.num_rows:
        raise file.refused("no epochs: the table has no rows")
    return {name: table.column(name) for name in table.column_names}


def _epochs(file: LoggedFile, name: str, column: Any) -> Any:
    """The column that counts epochs, as whole numbers."""
    try:
        values = np.asarray(column.to_numpy(), np.float64)
    except (TypeError, ValueError):
        raise file.refused(
            f"{name} is {column[0].as_py()!r}, no whole number of 0 or more"
        ) from None
    wrong = ~((values >= 0) & (values == np.floor(values)) & (values < MAX_EPOCHS))
    if wrong.any():
        row = int(wrong.argmax())
        found = column[row].as_py()
        raise file.refused(f"{name} is {found!r} in row {row}, no whole number of 0 or more")
    return values.astype(np.int64)


def _metrics(file: LoggedFile, columns: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Numbers by name, each with where there are any; and what is left out."""
    import pyarrow as pa

    metrics, left_out = {}, []
    for name, column in columns.items():
        kind = column.type
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
            left_out.append(f"left out: {name}, no numbers but {kind}")
            continue
        there = column.is_valid().to_numpy()
        values = np.asarray(column.fill_null(0).to_numpy(), np.float64)
        beyond = there & np.isfinite(values) & (np.abs(values) > LARGEST)
        if beyond.any():
            found = float(values[beyond.argmax()])
            raise file.refused(f"{name} is {found!r}, beyond float32, which Keras has")
        if there.any():
            metrics[name] = values, there
    return metrics, left_out


def _groups(names: Any, epochs: Any) -> list[tuple[str, Any]]:
    """The rows of each curve, in their order; without names, one begins where epochs fall back."""
    if names is None:
        begins = np.flatnonzero(np.diff(epochs) <= 0) + 1
        return [("", rows) for rows in np.split(np.arange(len(epochs)), begins)]
    encoded = names.combine_chunks().dictionary_encode()
    encoded = encoded.combine_chunks() if hasattr(encoded, "combine_chunks") else encoded
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order])) + 1
    # Made before the numbers: one name that is kept holds all the memory around it.
    told = ["" if name is None else str(name) for name in encoded.dictionary.to_pylist()]
    parts = np.split(order, starts)
    return [("" if (code := int(codes[rows[0]])) < 0 else told[code], rows) for rows in parts]


def _curves(
    file: LoggedFile,
    groups: Sequence[tuple[str, Any]],
    epochs: Any,
    metrics: Mapping[str, Any],
    left_out: list[str],
) -> Iterator[LoggedCurve]:
    for name, rows in groups:
        at = epochs[rows]
        if len(at) > 1 and (np.diff(at) <= 0).any():
            row = int((np.diff(at) <= 0).argmax()) + 1
            raise file.refused(
                f"curve {name!r} has epoch {at[row]} after epoch {at[row - 1]}; "
                "a curve's epochs rise"
            )
        first, length = int(at[0]), int(at[-1] - at[0]) + 1
        notes = list(left_out)
        if length > len(at):
            notes.append(f"not in the file: {length - len(at)} epochs; they have no values here")
        columns = {}
        for key, (values, there) in metrics.items():
            known = there[rows]
            if not known.any():
                continue
            column: list[float | None] = [None] * length
            for place, value, has in zip(at - first, values[rows].tolist(), known, strict=True):
                column[place] = value if has else None
            columns[key] = tuple(column)
        if columns:
            yield LoggedCurve(name, first, columns, notes=tuple(notes))
