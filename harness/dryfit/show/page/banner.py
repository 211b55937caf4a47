"""What stands above each page: the verdict, and how the page came to be."""

import os
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dryfit.show.version_line import version_line

_MOST = 300  # characters of a command


@dataclass(frozen=True, slots=True)
class Banner:
    """The verdict of a page.

    Attributes:
        kind: which page it is, such as ``dryfit report``.
        verdict: what came of it, in a line.
        tone: whether that is good, bad or odd; empty where it is neither.
    """

    kind: str
    verdict: str
    tone: Literal["good", "bad", "odd", ""] = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a page came to be.

    Attributes:
        date: when, in UTC.
        versions: of dryfit, Keras, its backend and Python.
        command: what was typed.
        folder: the name of the folder in which it was.
    """

    date: str
    versions: str
    command: str
    folder: str = ""


def provenance(command: Sequence[str], *, keras: bool = True) -> Provenance:
    """Say how a page came to be that is made now, and with which Keras if it was played here.

    ``SOURCE_DATE_EPOCH``, in seconds since 1970, stands for now where it is set: the page is
    the same each time then. Source: https://reproducible-builds.org/specs/source-date-epoch/.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = time.gmtime(int(given) if given.isdecimal() and len(given) < 12 else None)
    typed = shlex.join(command)
    return Provenance(
        time.strftime("%Y-%m-%d %H:%M UTC", now),
        version_line(keras=keras),
        typed if len(typed) <= _MOST else f"{typed[:_MOST]} …",
        Path.cwd().name,
    )
