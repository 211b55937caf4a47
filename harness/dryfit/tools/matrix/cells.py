"""Cells: a release of Keras, a backend and a Python, and what is to be installed for them."""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

OLDEST = Version("3.6")
NEWEST = "latest"
BACKENDS = ("jax", "tensorflow", "torch")

_RELEASE = re.compile(r"\d+(\.\d+){0,2}((a|b|rc|\.dev)\d+)?")


class CellError(ValueError):
    """A cell that cannot be: what was asked for is no release, or is too old."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one environment has.

    Attributes:
        keras: a release as it was asked for, such as ``3.11`` for the newest of its
            patches, ``3.11.2``, or ``latest``.
        backend: Keras' backend.
        python: a version or a path, as uv takes it.
        pre: whether pre-releases of Keras count too.
    """

    keras: str
    backend: str = BACKENDS[0]
    python: str = sys.executable
    pre: bool = False

    @property
    def requirement(self) -> str:
        """Keras, as an installer takes it."""
        # A specifier that names a pre-release lets those of this one package in.
        floor = f">={OLDEST}.0.dev0" if self.pre else f">={OLDEST}"
        if self.keras == NEWEST:
            return f"keras{floor}"
        if Version(self.keras).is_prerelease or self.keras.count(".") == 2:
            return f"keras=={self.keras}"
        return f"keras=={self.keras}.*{',' + floor if self.pre else ''}"

    @property
    def backend_requirement(self) -> str:
        """The backend, the smallest there is."""
        if self.backend == "tensorflow" and sys.platform == "linux":
            return "tensorflow-cpu"
        return self.backend

    @property
    def interpreter(self) -> str:
        """The Python in short."""
        return "this Python" if self.python == sys.executable else f"Python {self.python}"

    def __str__(self) -> str:
        return f"keras {self.keras}, {self.backend}, {self.interpreter}"


def cells(
    releases: Sequence[str],
    backends: Sequence[str] = BACKENDS[:1],
    pythons: Sequence[str] = (),
    *,
    pre: bool = False,
) -> list[Cell]:
    """Make a cell for every combination, each once.

    Raises:
        CellError: a release that is none, or is older than dryfit runs on.
    """
    for release in releases:
        check_release(release)
    every = (
        Cell(release, backend, python, pre)
        for backend in backends
        for python in pythons or (sys.executable,)
        for release in releases
    )
    return list(dict.fromkeys(every))


def check_release(release: str) -> None:
    """Refuse what is no release of Keras that dryfit runs on.

    Raises:
        CellError: it is none.
    """
    if release == NEWEST:
        return
    if _RELEASE.fullmatch(release) is None:
        raise CellError(
            f"{release!r} is no release of Keras; write such as 3.11, 3.11.2 or {NEWEST}"
        )
    if Version(release) < OLDEST:
        raise CellError(f"Keras {release}: dryfit runs on Keras {OLDEST} and newer")


def between(known: Sequence[str], first: str, last: str) -> Iterator[str]:
    """Those releases that lie between two, in order, without the two themselves."""
    low, high = Version(first), Version(last)
    for release in sorted(map(Version, known)):
        if low < release < high and release >= OLDEST and not release.is_prerelease:
            yield str(release)


def in_order(release: str) -> Version:
    """Sort releases by this; what is none comes last."""
    try:
        return Version(release)
    except InvalidVersion:
        return Version("9999")
