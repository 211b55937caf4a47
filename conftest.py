"""Test configuration: the docs' examples see Keras, and pytest tests the plugin."""

import pytest

pytest_plugins = ["pytester"]
collect_ignore = ["tests/check_wheel.py", "tests/adequacy/measure.py", "tests/benchmarks/gate.py"]
collect_ignore_glob = ["tests/data/*", "scenarios/*.py"]  # files that tests and scenarios name


@pytest.fixture(autouse=True)
def _doctest_names(request: pytest.FixtureRequest) -> None:
    """Let the examples in docstrings say `keras`."""
    if request.node.__class__.__name__ == "DoctestItem":
        import keras

        request.getfixturevalue("doctest_namespace")["keras"] = keras


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what takes long to `make parity` and `make matrix`, measurements to `make bench`."""
    if config.option.markexpr or any("benchmarks" in str(arg) for arg in config.args):
        return
    long = {"parity", "environments"}
    slow = [i for i in items if not long.isdisjoint(i.keywords) or "benchmarks" in i.path.parts]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]
