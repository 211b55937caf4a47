"""Cells: a release of Keras, a backend and a Python, and what is to be installed for them."""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

OLDEST = Version("3.6")
OLDEST_LEGACY = Version("2.15")
NEWEST = "latest"
LEGACY = "tf_keras:"  # in front of a release of Keras 2
BACKENDS = ("jax", "tensorflow", "torch")
# The newest Python 3 that a minor release of TensorFlow has wheels for, where it is not today's.
_PYTHONS = {"2.15": 11, "2.16": 12, "2.17": 12, "2.18": 12, "2.19": 12}

_RELEASE = re.compile(r"\d+(\.\d+){0,2}((a|b|rc|\.dev)\d+)?")


class CellError(ValueError):
    """A cell that cannot be: what was asked for is no release, or is too old."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one environment has.

    Attributes:
        keras: a release as it was asked for, such as ``3.11`` for the newest of its
            patches, ``3.11.2``, or ``latest``; Keras 2 is ``tf_keras:2.15``.
        backend: Keras' backend.
        python: a version or a path, as uv takes it.
        pre: whether pre-releases of Keras count too.
    """

    keras: str
    backend: str = BACKENDS[0]
    python: str = sys.executable
    pre: bool = False

    @property
    def legacy(self) -> bool:
        """Whether it is Keras 2."""
        return self.keras.startswith(LEGACY)

    @property
    def release(self) -> str:
        """The release alone."""
        return self.keras.removeprefix(LEGACY)

    @property
    def package(self) -> str:
        """What it comes in: Keras 2 is `keras` itself beside TensorFlow 2.15, tf-keras later."""
        return "tf-keras" if self.legacy and not self._is_keras_itself else "keras"

    @property
    def _is_keras_itself(self) -> bool:
        return self.legacy and _minor(self.release) == str(OLDEST_LEGACY)

    @property
    def requirement(self) -> str:
        """Keras, as an installer takes it."""
        if self.legacy:
            if self.release == NEWEST:
                return f"{self.package}>=2.16"
            patch = "" if self.release.count(".") == 2 else ".*"
            return f"{self.package}=={self.release}{patch}"
        # A specifier that names a pre-release lets those of this one package in.
        floor = f">={OLDEST}.0.dev0" if self.pre else f">={OLDEST}"
        if self.keras == NEWEST:
            return f"keras{floor}"
        if Version(self.keras).is_prerelease or self.keras.count(".") == 2:
            return f"keras=={self.keras}"
        return f"keras=={self.keras}.*{',' + floor if self.pre else ''}"

    @property
    def backend_package(self) -> str:
        """The backend, the smallest there is; tf-keras asks for TensorFlow's usual one."""
        smaller = self.package == "keras" and sys.platform == "linux"
        return "tensorflow-cpu" if self.backend == "tensorflow" and smaller else self.backend

    @property
    def backend_requirement(self) -> str:
        """The backend, as an installer takes it: beside Keras 2, that of the same minor release."""
        release = f"=={OLDEST_LEGACY}.*" if self._is_keras_itself else ""  # tf-keras says it itself
        return f"{self.backend_package}{release}"

    @property
    def interpreter(self) -> str:
        """The Python in short."""
        return "this Python" if self.python == sys.executable else f"Python {self.python}"

    def __str__(self) -> str:
        keras = self.keras if self.legacy else f"keras {self.keras}"
        return f"{keras}, {self.backend}, {self.interpreter}"


def cells(
    releases: Sequence[str],
    backends: Sequence[str] = BACKENDS[:1],
    pythons: Sequence[str] = (),
    *,
    pre: bool = False,
) -> list[Cell]:
    """Make a cell for every combination, each once; Keras 2 has TensorFlow alone.

    Raises:
        CellError: a release that is none, or is older than dryfit runs on.
    """
    for release in releases:
        check_release(release)
    every = (
        _cell(release.replace("tf-keras:", LEGACY), backend, python, pre)
        for backend in backends
        for python in pythons or (None,)
        for release in releases
    )
    return list(dict.fromkeys(every))


def _cell(release: str, backend: str, python: str | None, pre: bool) -> Cell:
    if not release.startswith(LEGACY):
        return Cell(release, backend, python or sys.executable, pre)
    newest = _PYTHONS.get(_minor(release.removeprefix(LEGACY)), sys.version_info.minor)
    fitting = sys.executable if sys.version_info.minor <= newest else f"3.{newest}"
    return Cell(release, "tensorflow", python or fitting)


def check_release(release: str) -> None:
    """Refuse what is no release of Keras that dryfit runs on.

    Raises:
        CellError: it is none.
    """
    package, _, number = release.rpartition(":")
    is_one = number == NEWEST or _RELEASE.fullmatch(number) is not None
    if not is_one or package not in ("", "tf_keras", "tf-keras"):
        some = f"3.11, 3.11.2, {NEWEST} or {LEGACY}2.15"
        raise CellError(f"{release!r} is no release of Keras; write such as {some}")
    if number != NEWEST and (why := _why_not(number, legacy=bool(package))):
        raise CellError(f"{release}: {why}")


def _why_not(number: str, *, legacy: bool) -> str | None:
    """Say why dryfit does not run on a release, or is not asked for it like this."""
    major = Version(number).major
    if legacy and major > 2:
        return f"it is no Keras 2; write {number}"
    if Version(number) < OLDEST_LEGACY or (major > 2 and Version(number) < OLDEST):
        return f"dryfit runs on Keras 2 from {OLDEST_LEGACY} on, and on Keras {OLDEST} and newer"
    if not legacy and major < 3:
        return f"it is Keras 2; write {LEGACY}{number}"
    return None


def between(known: Sequence[str], first: str, last: str) -> Iterator[str]:
    """Those releases that lie between two, in order, without the two themselves."""
    low, high = Version(first), Version(last)
    for release in sorted(map(Version, known)):
        if low < release < high and release >= OLDEST and not release.is_prerelease:
            yield str(release)


def _minor(release: str) -> str:
    """The first two numbers of a release."""
    return ".".join(release.split(".")[:2])


def in_order(release: str) -> Version:
    """Sort releases by this; what is none comes last."""
    try:
        return Version(release)
    except InvalidVersion:
        return Version("9999")
