"""Reading a file of JSON within bounds."""

import json
from pathlib import Path
from typing import Any

from dryfit.scenario.bounded_file import UnreadableFileError, read_bounded

MAX_BYTES = 100_000_000


def read_json(path: Path, most_bytes: int = MAX_BYTES) -> Any:
    """Read what a file has in it.

    Raises:
        UnreadableFileError: it is not read, or is no JSON; the message says why.
    """
    data = read_bounded(path, most_bytes)
    try:
        return json.loads(data.decode("utf-8"))
    except RecursionError:
        raise UnreadableFileError("is JSON that is nested too deep to be read") from None
    except ValueError as error:  # of the encoding, the syntax, or an integer without end
        raise UnreadableFileError(f"is not JSON ({error})") from None
