"""Every cell of a sweep as a table, and tables of shards made one sweep again."""

import base64
import importlib.util
import json
import zlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dryfit.scenario.problems import Problem, ScenarioFileError
from dryfit.scenario.usage import UsageError
from dryfit.scenario.whole_file import write_bytes
from dryfit.tools.sweep.answers import Answers
from dryfit.tools.sweep.audit import Differing
from dryfit.tools.sweep.settings import written
from dryfit.tools.sweep.sweeping import SweepResult
from dryfit.tools.sweep.swept_cells import Cells, side_by_side

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = "curve setting epochs stopped_epoch best_epoch best worse_by goes_on".split()
_ABOUT = b"dryfit.sweep"
# What the columns do not have.
_BESIDE = ("recorded", "range", "by_epoch", "other_rates")


def check_pyarrow(what: str) -> None:
    """Say what is missing, if it is.

    Raises:
        ImportError: pyarrow is not installed.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise ImportError(f'{what} needs pyarrow: pip install "dryfit[sweep]"')


def as_table(result: SweepResult) -> "pa.Table":
    """Write cells as rows, setting by setting; what nobody knows is null."""
    check_pyarrow("a table of cells")
    import pyarrow as pa

    cells = result.answers.cells
    settings, curves = cells.epochs.shape
    ids = pa.array(cells.ids)
    texts = pa.array([written(setting) for setting in result.answers.lists])
    which = np.tile(np.arange(curves, dtype=np.int32), settings)
    whose = np.repeat(np.arange(settings, dtype=np.int32), curves)
    missing = cells.best_epoch.ravel() < 0
    columns = [
        pa.DictionaryArray.from_arrays(which, ids),
        pa.DictionaryArray.from_arrays(whose, texts),
        pa.array(cells.epochs.ravel().astype(np.int32)),
        pa.array(cells.stopped.ravel().astype(np.int32), mask=cells.stopped.ravel() < 0),
        pa.array(cells.best_epoch.ravel(), mask=missing),
        pa.array(cells.best.ravel(), mask=missing),
        pa.array(cells.worse_by.ravel()),
        pa.array(cells.goes_on.ravel()),
    ]
    about = json.dumps(_about(result)).encode()
    return pa.table(columns, names=COLUMNS, metadata={_ABOUT: about})


def write_cells(result: SweepResult, file: Path) -> None:
    """Write every cell as Parquet.

    Raises:
        UnwritableError: it cannot be written.
    """
    import pyarrow.parquet as pq

    content = BytesIO()
    pq.write_table(as_table(result), content, compression="zstd")
    write_bytes(file, content.getvalue())


def merged(
    files: Sequence[Path], budget: float | None = None, lose_at_most: float | None = None
) -> SweepResult:
    """Make one sweep of the tables of all its shards.

    Args:
        files: what ``--out`` wrote for each shard, in any order.
        budget: as of a sweep, like `lose_at_most`.

    Raises:
        ScenarioFileError: a file is no such table.
        UsageError: they are of different sweeps, or one is missing or there twice.
    """
    check_pyarrow("--merge")
    if not files:
        raise UsageError("--merge", "no file; expected those that --out wrote for each shard")
    parts = sorted((_read(file) for file in files), key=lambda part: part.shard)
    first = parts[0]
    if len({(part.fingerprint, part.shard[1]) for part in parts}) > 1:
        raise UsageError("--merge", "they are parts of different sweeps")
    there = [part.shard[0] for part in parts]
    missing = sorted(set(range(1, first.shard[1] + 1)) - set(there))
    if missing:
        told = ", ".join(f"{number}/{first.shard[1]}" for number in missing)
        raise UsageError("--merge", f"shards are missing: {told}")
    if len(set(there)) < len(there):
        told = ", ".join(f"{n}/{first.shard[1]}" for n in sorted(set(there)) if there.count(n) > 1)
        raise UsageError("--merge", f"shards are there twice: {told}")
    answers = first.answers
    return SweepResult(
        Answers(
            side_by_side([part.answers.cells for part in parts]),
            answers.monitor,
            answers.up,
            answers.lists,
            answers.varied,
            answers.seed,
        ),
        first.engine,
        sum(part.audited for part in parts),
        tuple(one for part in parts for one in part.differing),
        sum(part.seconds for part in parts),
        sum(part.audit_seconds for part in parts),
        first.notes,
        (1, 1),
        first.fingerprint,
        budget,
        lose_at_most,
    )


def _about(result: SweepResult) -> dict[str, Any]:
    answers = result.answers
    return {
        "fingerprint": result.fingerprint,
        "shard": result.shard,
        "engine": result.engine,
        "audited": result.audited,
        "differing": [[d.curve, d.setting, d.differs, d.scenario] for d in result.differing],
        "seconds": [result.seconds, result.audit_seconds],
        "notes": result.notes,
        "monitor": answers.monitor,
        "up": answers.up,
        "lists": answers.lists,
        "varied": answers.varied,
        "seed": answers.seed,
        "arrays": {name: _packed(getattr(answers.cells, name)) for name in _BESIDE},
    }


def _read(file: Path) -> SweepResult:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if file.exists() and not file.is_file():
        raise _refused(file, "is no regular file")
    try:
        return _result(pq.read_table(file))
    except (pa.ArrowException, OSError) as error:
        told = str(getattr(error, "strerror", "") or error).splitlines()[0]
        raise _refused(file, f"cannot be read: {told}") from None
    except (LookupError, TypeError, ValueError, AttributeError, zlib.error):
        raise _refused(file, "is no table of cells that dryfit sweep --out wrote") from None


def _result(table: "pa.Table") -> SweepResult:
    about = json.loads(table.schema.metadata[_ABOUT])
    lists = tuple(tuple((n, arguments) for n, arguments in setting) for setting in about["lists"])
    arrays = {name: _unpacked(packed) for name, packed in about["arrays"].items()}
    ids = tuple(table.column("curve").combine_chunks().to_pylist()[: len(arrays["recorded"])])
    shape = len(lists), len(ids)

    def column(name: str, absent: float, kind: Any) -> Any:
        values = table.column(name).fill_null(absent).to_numpy()
        return values.reshape(shape).astype(kind)

    cells = Cells(
        ids=ids,
        epochs=column("epochs", -1, np.int32),
        stopped=column("stopped_epoch", -1, np.int32),
        goes_on=column("goes_on", False, np.bool_),
        best_epoch=column("best_epoch", -1, np.int32),
        best=column("best", float("nan"), np.float32),
        worse_by=column("worse_by", float("nan"), np.float64),
        **arrays,
    )
    return SweepResult(
        Answers(cells, about["monitor"], about["up"], lists, about["varied"], about["seed"]),
        about["engine"],
        about["audited"],
        tuple(
            Differing(curve, setting, {n: (a, b) for n, (a, b) in differs.items()}, scenario)
            for curve, setting, differs, scenario in about["differing"]
        ),
        about["seconds"][0],
        about["seconds"][1],
        tuple(about["notes"]),
        (about["shard"][0], about["shard"][1]),
        about["fingerprint"],
    )


def _packed(array: Any) -> list[Any]:
    content = zlib.compress(np.ascontiguousarray(array).tobytes())
    return [array.dtype.str, array.shape, base64.b64encode(content).decode()]


def _unpacked(packed: list[Any]) -> Any:
    kind, shape, content = packed
    array = np.frombuffer(zlib.decompress(base64.b64decode(content)), kind)
    return array.reshape(shape)


def _refused(file: Path, message: str) -> ScenarioFileError:
    return ScenarioFileError([Problem(file, 1, "", message, whole=True)])
