"""Plays the core of the suite on other Pythons, and with the oldest releases that are allowed.

``python tests/versions.py 3.12 3.13 lowest`` makes an environment for each, with uv, in a folder
that is thrown away. ``lowest`` has the oldest release of everything that ``pyproject.toml``
names; of Keras the oldest 3, which TensorFlow 2.16 asks for. A Python is one that is installed,
or one that uv brings.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from uv import find_uv_bin

ROOT = Path(__file__).parents[1]
OLDEST_PYTHON, LOWEST = "3.11", "lowest"
LAST_WITH_TENSORFLOW = (3, 13)  # tensorflow 2.21 has no wheels for later ones; those play on jax
CORE = ("tests/fakes", "tests/run", "tests/facts", "tests/scenario")
# The parts of the pack that write, stop and cut rates.
BOTH = ("scenarios/checkpoint", "scenarios/early_stopping", "scenarios/reduce_lr", "scenarios/nan")


class NoPythonError(RuntimeError):
    """There is no such Python here, and uv cannot bring it."""


@dataclass
class Environment:
    """A folder with a Python and dryfit.

    Attributes:
        extra: the backend.
        warned: what its releases warn of when they import one another is not ours.
    """

    folder: Path
    extra: str
    warned: list[str] = field(default_factory=list)

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.folder / ("Scripts" if os.name == "nt" else "bin") / "python")

    def plays(self, *words: str) -> bool:
        """Run a module; whether it ends well."""
        backend = "jax" if self.extra == "jax" else "tensorflow"
        without = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        environment = {**without, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
        print("$ python -m", *words, flush=True)
        return not subprocess.run([self.python, "-m", *words], cwd=ROOT, env=environment).returncode


def made(version: str, folder: Path) -> Environment:
    """Make an environment.

    Raises:
        NoPythonError: there is none of this version.
        CalledProcessError: something cannot be installed; uv has said what.
    """
    lowest = version == LOWEST
    wanted = OLDEST_PYTHON if lowest else version
    if not any(_uv("venv", "--quiet", "--python", place, folder) for place in _places(wanted)):
        raise NoPythonError(f"no Python {wanted} here, and uv cannot bring it")
    numbers = tuple(map(int, wanted.split(".")[:2]))
    extra = "tensorflow-cpu" if numbers <= LAST_WITH_TENSORFLOW else "jax"
    environment = Environment(folder, extra)
    what = ["--editable", f".[{extra}]", "--group", "test"]
    if lowest:  # uv takes the lowest of what is named, and an extra names nothing
        what = ["--resolution", "lowest-direct", "--editable", ".", *_extra(extra), *what[2:]]
        environment.warned = ["-W", "ignore::DeprecationWarning"]
    if not _uv("pip", "install", "--quiet", "--python", environment.python, *what):
        raise subprocess.CalledProcessError(1, "uv pip install")
    return environment


def _places(version: str) -> Iterator[str]:
    """Where a Python may be: where uv looks, or among pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from map(str, sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True))
    yield version


def _extra(name: str) -> list[str]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        requirements: list[str] = tomllib.load(file)["project"]["optional-dependencies"][name]
    return requirements


def _uv(*words: str | Path) -> bool:
    return not subprocess.run([find_uv_bin(), *map(str, words)], cwd=ROOT).returncode


def core_holds(environment: Environment) -> bool:
    """Play the tests of the core, the pack in the fake lane, and a part of it in both."""
    tests = ["-q", "-p", "no:xdist", "-p", "no:cacheprovider", *environment.warned]
    return all(
        [
            environment.plays("pytest", *tests, *CORE),
            environment.plays("dryfit", "run", "scenarios"),
            environment.plays("dryfit", "run", *BOTH, "--lane", "both"),
        ]
    )


def main() -> int:
    """Play on each version; the status is 0 if everything was played, and holds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("versions", nargs="+", metavar="VERSION", help="such as 3.13, or lowest")
    became = {}
    for version in parser.parse_args().versions:
        with tempfile.TemporaryDirectory(prefix="dryfit-versions-") as name:
            try:
                holds = core_holds(made(version, Path(name) / "venv"))
                became[version] = "holds" if holds else "does not hold"
            except NoPythonError as error:
                became[version] = f"not played: {error}"
            except subprocess.CalledProcessError:
                became[version] = "not played: it cannot be installed"
    print(*(f"{version}: {what}" for version, what in became.items()), sep="\n")
    return int(any(what != "holds" for what in became.values()))


if __name__ == "__main__":
    sys.exit(main())
