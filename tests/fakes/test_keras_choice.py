"""Which Keras a process has: the module, and whether it is Keras 2."""

import importlib
from collections.abc import Callable, Iterator
from importlib import metadata

import pytest

from dryfit_fakes import keras_choice


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Whoever asks next is told of the real one."""
    yield
    importlib.reload(keras_choice)


def of_packages(**releases: str) -> Callable[[str], str]:
    """What `importlib.metadata.version` says where these are installed, and nothing else."""

    def version(name: str) -> str:
        if name not in releases:
            raise metadata.PackageNotFoundError(name)
        return releases[name]

    return version


def test_a_nightly_is_over_the_release_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is installed under another name, and brings the same modules."""
    releases = {"keras": "3.15.1", "keras-nightly": "3.16.0.dev1"}
    monkeypatch.setattr(metadata, "version", of_packages(**releases))
    assert keras_choice.installed_release("keras") == "3.16.0.dev1"
    assert keras_choice.installed_release("numpy") is None


@pytest.mark.parametrize(
    ("variable", "installed", "name", "legacy"),
    [
        ("", "3.15.1", "keras", False),
        ("0", "3.15.1", "keras", False),
        ("1", "3.15.1", "tf_keras", True),
        ("True", "3.15.1", "tf_keras", True),
        ("", "2.15.0", "keras", True),  # beside TensorFlow 2.15
        ("1", "2.15.0", "tf_keras", True),
    ],
)
def test_tensorflows_variable_and_the_release_choose(
    variable: str, installed: str, name: str, legacy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable chooses the module, as of ``tf.keras``; `keras` itself may be either."""
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", variable)
    monkeypatch.setattr(metadata, "version", of_packages(keras=installed))
    chosen = importlib.reload(keras_choice)
    assert (name, legacy) == (chosen.NAME, chosen.LEGACY)
