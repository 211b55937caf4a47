"""Reading a file by what is in it, whatever its name."""

from dataclasses import replace
from pathlib import Path

from dryfit.tools.record.readers import (
    console_logs,
    csv_tables,
    event_files,
    json_histories,
    numpy_files,
    refused_files,
)
from dryfit.tools.record.readers.logged_curve import LoggedCurve
from dryfit.tools.record.readers.logged_file import LoggedFile


def _parquet(file: LoggedFile) -> list[LoggedCurve] | None:
    if not file.data.startswith(b"PAR1"):
        return None
    from dryfit.tools.record.readers import parquet_tables  # numpy, which text need not wait for

    return parquet_tables.read(file)


# Bytes before text; what Keras printed before tables, for its lines have separators too.
READERS = (
    event_files.read,
    numpy_files.read,
    _parquet,
    refused_files.read,
    console_logs.read,
    json_histories.read,
    csv_tables.read,
)


def read_curves(
    path: Path,
    *,
    validation_freq: int = 1,
    drop_torn_line: bool = False,
    curve_column: str = "curve",
    epoch_column: str = "epoch",
) -> list[LoggedCurve]:
    """Read the curves of a file, or of a folder of TensorBoard's.

    Args:
        path: any of the formats of `READERS`.
        validation_freq: as in ``fit``: a history does not say which epochs had a validation.
        drop_torn_line: go on without a last line that is cut off.
        curve_column: what a table of many curves names them in.
        epoch_column: what a table counts epochs in.

    Returns:
        At least one; their ids differ.

    Raises:
        ScenarioFileError: what is wrong in the file, with its line.
    """
    file = LoggedFile(path, validation_freq, drop_torn_line, curve_column, epoch_column)
    for read in READERS:
        if (found := read(file)) is not None:
            return _told_apart(found)
    raise file.refused(
        "holds no training's numbers: expected a History.history as JSON, a CSVLogger's file or "
        "another table with names in its first line, what Keras printed (verbose=1 or 2), "
        "pandas' to_csv or to_json, numpy's .npz, Parquet, TensorBoard's event files, or an export "
        f"of wandb's or mlflow's; found {file.text[:40]!r}"
    )


def _told_apart(curves: list[LoggedCurve]) -> list[LoggedCurve]:
    """Give each curve an id of its own: its name, or its number where the name is not enough."""
    ids = [curve.id for curve in curves]
    if "" not in ids and len(set(ids)) == len(ids):
        return curves
    seen: dict[str, int] = {}
    named = []
    for curve in curves:
        seen[curve.id] = count = seen.get(curve.id, 0) + 1
        several = ids.count(curve.id) > 1
        own = f"{curve.id}#{count}" if several else curve.id
        own = own if curve.id else str(count)
        named.append(replace(curve, id=own))
    return named
