"""TensorBoard's event files, and folders of them, by tensorboard's own reader.

Keras' callback writes ``train`` and ``validation`` beside one another, each with the
same tags: they are one curve.
"""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dryfit.tools.record.readers.epoch_table import Cell, Table, curves
from dryfit.tools.record.readers.logged_curve import LoggedCurve
from dryfit.tools.record.readers.logged_file import MAX_BYTES, LoggedFile

_MOST_FILES = 10_000
_EPOCH = "epoch_"  # before Keras' own tags; what stands beside them counts batches

Points = list[tuple[int, float]]


def read(file: LoggedFile) -> list[LoggedCurve] | None:
    """Read event files; ``None`` if it is none.

    Raises:
        ScenarioFileError: no event file in the folder, tensorboard missing, or no scalars.
    """
    if not file.is_folder:
        if not _is_event_file(file.data[:64]):
            return None
        runs = {"": [file.path]}
    elif not (runs := _runs(file)):
        raise file.refused("is a folder without TensorBoard's event files; name a file")
    if importlib.util.find_spec("tensorboard") is None:
        raise file.refused(
            "holds TensorBoard's event files, which tensorboard reads: "
            'pip install "dryfit[tensorboard]"'
        )
    found = []
    for name, parts in _joined(runs).items():
        for table in _tables(parts, name):
            found += curves(file, table)
    if not found:
        raise file.refused("no scalars in the event files")
    return found


def _is_event_file(head: bytes) -> bool:
    return b"brain.Event:" in head


def _runs(file: LoggedFile) -> dict[str, list[Path]]:
    """The event files of each folder, by its name."""
    runs: dict[str, list[Path]] = {}
    size = 0
    for count, path in enumerate(sorted(file.path.rglob("*"))):
        if count >= _MOST_FILES:
            raise file.refused(f"holds more than {_MOST_FILES:,} files; name a folder below it")
        if not path.is_file():
            continue
        with path.open("rb") as opened:
            if not _is_event_file(opened.read(64)):
                continue
        size += path.stat().st_size
        runs.setdefault(path.parent.relative_to(file.path).as_posix(), []).append(path)
    if size > MAX_BYTES:
        raise file.refused(f"holds {size:,} bytes of events; {MAX_BYTES:,} are read at most")
    return runs


def _joined(runs: dict[str, list[Path]]) -> dict[str, dict[str, list[Path]]]:
    """Runs by name, each with the files of a prefix of its metrics."""
    joined: dict[str, dict[str, list[Path]]] = {}
    for name, paths in runs.items():
        above, _, last = name.rpartition("/")
        prefix = {"train": "", "validation": "val_"}.get(last)
        whose = name if prefix is None else above
        joined.setdefault(whose if whose != "." else "", {})[prefix or ""] = paths
    return joined


def _tables(parts: dict[str, list[Path]], name: str) -> Iterator[Table]:
    """A table for each training that wrote into the folder."""
    trainings: list[dict[str, dict[int, float]]] = []
    for prefix, paths in parts.items():
        for tag, points in _scalars(paths).items():
            for at, training in enumerate(_split(points)):
                if at == len(trainings):
                    trainings.append({})
                trainings[at][prefix + tag] = dict(training)
    for metrics in trainings:
        steps = sorted({step for points in metrics.values() for step in points})
        columns: dict[str, list[Cell]] = {"step": [float(step) for step in steps]}
        columns |= {tag: [points.get(step) for step in steps] for tag, points in metrics.items()}
        yield Table(columns, id=name)


def _split(points: Points) -> Iterator[Points]:
    start = 0
    for at in range(1, len(points) + 1):
        if at == len(points) or points[at][0] <= points[at - 1][0]:
            yield points[start:at]
            start = at


def _scalars(paths: list[Path]) -> dict[str, Points]:
    """Every scalar of some files, Keras' own by epoch alone where it has them."""
    scalars: dict[str, Points] = {}
    for path in paths:
        for step, value in _values(path):
            number = _number(value)
            if number is not None:
                scalars.setdefault(value.tag, []).append((step, number))
    by_epoch = {tag.removeprefix(_EPOCH): scalars[tag] for tag in scalars if tag.startswith(_EPOCH)}
    return by_epoch or scalars


def _values(path: Path) -> Iterator[tuple[int, Any]]:
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    for event in EventFileLoader(str(path)).Load():
        for value in event.summary.value:
            yield int(event.step), value


def _number(value: Any) -> float | None:
    from tensorboard.util.tensor_util import make_ndarray

    if not value.HasField("tensor") or value.tensor.dtype not in (1, 2, 3, 9, 14, 19):
        return None  # no number: a picture, a text, a graph
    array = make_ndarray(value.tensor)
    return float(array) if array.size == 1 and array.shape == () else None
