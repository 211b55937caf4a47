"""Runs Keras' own tests of callbacks and trainers, plainly and with every callback recorded.

    python tests/peers.py [BACKEND ...]        # tensorflow and jax unless named
    TF_KERAS=path python tests/peers.py        # those of Keras 2, in place of Keras 3's

The tests are those of the installed package, or of a checkout named by ``KERAS=path``; the package
of Keras 2 has none, so they are a checkout's of the release that is installed. It is also the
pytest plugin that wraps each ``callbacks=`` of fit, evaluate and predict into a
Recorder. Exit status 1: fewer passed with a Recorder than without.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from importlib.metadata import version
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RECORDED = "DRYFIT_PEERS_RECORDED"
TESTS = ("callbacks/*_test.py", "trainers/trainer_test.py")
TESTS_OF_KERAS_2 = ("callbacks_test.py",)
METHODS = ("fit", "evaluate", "predict")


def pytest_configure() -> None:
    """As a plugin: wrap callbacks, if that is asked for."""
    if os.environ.get(RECORDED):
        from dryfit import keras

        trainer: Any = next(kind for kind in keras.Model.__mro__ if "fit" in vars(kind))
        for name in METHODS:
            setattr(trainer, name, recorded(vars(trainer)[name]))


def recorded(method: Any) -> Any:
    """The method with what it gets as callbacks inside of a Recorder."""
    from dryfit import Recorder, keras

    taken = signature(method)

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        given = taken.bind(*args, **kwargs).arguments
        callbacks = given.get("callbacks")
        if callbacks is None or isinstance(callbacks, keras.callbacks.CallbackList):
            return method(*args, **kwargs)
        position = list(taken.parameters).index("callbacks")
        if position < len(args):
            args = (*args[:position], [Recorder(callbacks)], *args[position + 1 :])
        else:
            kwargs["callbacks"] = [Recorder(callbacks)]
        return method(*args, **kwargs)

    return call


@dataclass(frozen=True)
class Peers:
    """Tests of Keras'.

    Attributes:
        name: of what they are.
        folder: where they are.
        files: of tests.
        variables: what chooses their Keras.
    """

    name: str
    folder: Path
    files: Sequence[str]
    variables: Mapping[str, str]


def of_keras_3(backend: str) -> Peers:
    """The tests of the Keras that is installed, on a backend."""
    root = source()
    files = sorted(str(file) for pattern in TESTS for file in root.glob(pattern))
    if not files:
        sys.exit(f"{root} has no tests: set KERAS to a checkout of Keras")
    return Peers(f"keras {version('keras')} on {backend}", root, files, {"KERAS_BACKEND": backend})


def of_keras_2(checkout: Path, folder: Path) -> Peers:
    """The tests of a checkout, with its imports as the package has them (its pip_build.py)."""
    files = []
    for name in TESTS_OF_KERAS_2:
        text = (checkout / "tf_keras" / name).read_text(encoding="utf-8")
        file = folder / name
        file.write_text(re.sub(r"(?m)^((?:from|import) tf_keras)\b", r"\1.src", text))
        files.append(str(file))
    variables = {"TF_USE_LEGACY_KERAS": "1"}
    return Peers(f"tf_keras {version('tf_keras')}", folder, files, variables)


def source() -> Path:
    """The folder of ``keras.src`` whose tests are run."""
    checkout = os.environ.get("KERAS")
    spec = find_spec("keras")
    assert spec is not None
    root = Path(checkout) / "keras" if checkout else Path(spec.submodule_search_locations[0])  # type: ignore[index]
    return root / "src"


def outcomes(peers: Peers, with_recorder: bool) -> tuple[Counter[str], set[str]]:
    """How many tests came to what, and which did not pass."""
    path = [str(HERE), *filter(None, [os.environ.get("KERAS"), os.environ.get("PYTHONPATH")])]
    environment = os.environ | peers.variables | {"PYTHONPATH": os.pathsep.join(path)}
    environment |= {RECORDED: "1"} if with_recorder else {}
    options = ["-p", "peers", "-p", "no:cacheprovider", "-c", os.devnull, "-q", "-rfE", "--tb=line"]
    options += ["-W", "ignore", "--continue-on-collection-errors"]  # a wheel has no conftest.py
    command = [sys.executable, "-m", "pytest", *options, f"--rootdir={peers.folder}"]
    command += peers.files
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    words = re.findall(r"(\d+) (passed|failed|skipped|errors?)", done.stdout.rpartition("\n=")[2])
    words = words or re.findall(r"(\d+) (passed|failed|skipped|errors?)", done.stdout[-300:])
    if not words:
        sys.exit(f"pytest did not tell what became of the tests:\n{done.stdout}\n{done.stderr}")
    failed = re.findall(r"^(?:FAILED|ERROR) \S*?(\w+_test\.py\S*)", done.stdout, re.MULTILINE)
    return Counter({word: int(count) for count, word in words}), set(failed)


def main(backends: list[str]) -> int:
    """Print both counts for each backend; 1 if a Recorder makes a test fail."""
    if checkout := os.environ.get("TF_KERAS"):
        with tempfile.TemporaryDirectory(prefix="dryfit-peers-") as folder:
            return int(worse(of_keras_2(Path(checkout), Path(folder))))
    return int(sum(worse(of_keras_3(backend)) for backend in backends) > 0)


def worse(peers: Peers) -> bool:
    """Print both counts; whether a Recorder makes a test fail."""
    plain, before = outcomes(peers, with_recorder=False)
    print(f"{peers.name}: plain {dict(plain)}", flush=True)
    if not plain["passed"]:
        sys.exit("no test passes without a Recorder: nothing can be said of one")
    within, after = outcomes(peers, with_recorder=True)
    print(f"{peers.name}: recorded {dict(within)}", flush=True)
    for name in sorted(after - before):
        print(f"  fails with a Recorder alone: {name}", flush=True)
    return bool(after - before) or within["passed"] < plain["passed"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["tensorflow", "jax"]))
