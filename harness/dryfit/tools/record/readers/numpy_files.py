"""numpy's files of a history: ``savez(file, **history.history)``, or a structured array."""

import io
import warnings
import zipfile
from collections.abc import Mapping
from typing import Any

from dryfit.scenario.problems import ScenarioFileError
from dryfit.tools.record.readers.epoch_table import Table, cell, curves
from dryfit.tools.record.readers.logged_curve import LoggedCurve
from dryfit.tools.record.readers.logged_file import MAX_BYTES, LoggedFile

_TELLING = (ValueError, OSError, EOFError, zipfile.BadZipFile)  # others say where in a header
_WRITE = "write numpy.savez(file, **history.history), and name that file"


def read(file: LoggedFile) -> list[LoggedCurve] | None:
    """Read an ``.npz`` or ``.npy``; ``None`` if it is none.

    Raises:
        ScenarioFileError: what is wrong in it.
    """
    if not file.data.startswith(b"\x93NUMPY") and not _is_npz(file):
        return None
    import numpy as np  # which other files need not wait for

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers that Python 2 wrote
            arrays = _named(file, np.load(io.BytesIO(file.data), allow_pickle=False))
    except ScenarioFileError:
        raise
    except Exception as error:  # numpy reads a header as Python: whatever that raises
        if "allow_pickle" not in str(error):
            told = error if isinstance(error, _TELLING) else type(error).__name__
            raise file.refused(f"cannot be read by numpy: {told}") from None
        raise file.refused(
            f"holds a pickle: reading one runs what it says, so it is not read; {_WRITE}"
        ) from None
    columns = {name: [cell(value) for value in array.tolist()] for name, array in arrays.items()}
    return curves(file, Table(columns))


def _is_npz(file: LoggedFile) -> bool:
    if not file.data.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            members = archive.infolist()
    except Exception:  # zipfile raises what it meets: BadZipFile, NotImplementedError, struct.error
        return False
    if not members or not all(member.filename.endswith(".npy") for member in members):
        return False
    if (size := sum(member.file_size for member in members)) > MAX_BYTES:
        raise file.refused(f"unpacks to {size:,} bytes; {MAX_BYTES:,} are read at most")
    return True


def _named(file: LoggedFile, loaded: Any) -> dict[str, Any]:
    if not isinstance(loaded, Mapping):  # one array
        if loaded.dtype.names is None or loaded.ndim != 1:
            raise file.refused(f"is one array of shape {loaded.shape} without names; {_WRITE}")
        return {name: loaded[name] for name in loaded.dtype.names}
    arrays = {name: loaded[name] for name in loaded}
    lengths = {name: array.shape[:1] for name, array in arrays.items()}
    if len(set(lengths.values())) != 1 or () in lengths.values():
        told = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise file.refused(f"expected a value for each epoch in every array; found {told}")
    return arrays
