"""Test configuration: the docs' examples see Keras, and pytest tests the plugin."""

import gc
import os
import signal

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # nothing is told by how long an example takes
settings.load_profile("untimed")
pytest_plugins = ["pytester"]
os.environ.setdefault(
    "TF_CPP_MIN_LOG_LEVEL", "3"
)  # as `make test`: what TensorFlow logs is no output
# Who starts tests in the background may have Ctrl-C ignored, and tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
collect_ignore = ["tests/check_wheel.py", "tests/adequacy/measure.py", "tests/benchmarks/gate.py"]
collect_ignore += ["tests/versions.py", "tests/fuzz/fuzz.py", "tests/peers.py"]
collect_ignore += ["tests/real/two_devices.py"]
collect_ignore_glob = [
    "tests/data/*",
    "tests/fuzz/corpus/*",
    "scenarios/*.py",
]  # files that tests and scenarios name


@pytest.fixture(autouse=True)
def _doctest_names(request: pytest.FixtureRequest) -> None:
    """Let the examples in docstrings say `keras`."""
    if request.node.__class__.__name__ == "DoctestItem":
        from dryfit import keras

        request.getfixturevalue("doctest_namespace")["keras"] = keras


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what takes long to `make parity` and `make matrix`, measurements to `make bench`."""
    if config.option.markexpr or any("benchmarks" in str(arg) for arg in config.args):
        return
    long = {"parity", "environments"}
    slow = [i for i in items if not long.isdisjoint(i.keywords) or "benchmarks" in i.path.parts]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep collections of garbage, which many tests ask for, from going through all of Keras."""
    _let_old_objects_pass()


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Nor through what the tests of a file leave: TensorFlow keeps every graph that it traced."""
    if nextitem is not None and nextitem.path != item.path:
        _let_old_objects_pass()


def _let_old_objects_pass() -> None:
    gc.collect()
    gc.freeze()
