"""Formats that are known and not read, each with the reason and what to do."""

import re

from dryfit.tools.record.readers.logged_curve import LoggedCurve
from dryfit.tools.record.readers.logged_file import LoggedFile

_WRITE_JSON = (
    "in the program that wrote it, write json.dump(history.history, file, default=float), "
    "and name that file"
)
_REFUSED = (
    (
        rb"\x80[\x02-\x05]|\(dp0\n|\(lp0\n|ccopy_reg\n|c__builtin__\n",
        f"a pickle: reading one runs what it says, so it is not read; {_WRITE_JSON}",
    ),
    (rb"\x89HDF\r\n", f"HDF5: a file of weights, which says nothing of epochs; {_WRITE_JSON}"),
    (rb"\x1f\x8b|BZh|\xfd7zXZ\0", "compressed; unpack it, and name what comes out"),
    (rb"PK\x03\x04", f"a zip archive and no numpy .npz: a saved model? {_WRITE_JSON}"),
)


def read(file: LoggedFile) -> list[LoggedCurve] | None:
    """Refuse a file of a known format; ``None`` if it is of none.

    Raises:
        ScenarioFileError: with the reason.
    """
    for start, reason in _REFUSED:
        if re.match(start, file.data):
            raise file.refused(f"is {reason}")
    return None
