"""Cells, and what is installed for them."""

import sys
from types import SimpleNamespace

import pytest

from dryfit.tools.matrix import cells as module
from dryfit.tools.matrix.cells import Cell, CellError, between, cells

SUCH = "write such as 3.11, 3.11.2, latest or tf_keras:2.15"
OLDEST = "dryfit runs on Keras 2 from 2.15 on, and on Keras 3.6 and newer"


@pytest.mark.parametrize(
    ("cell", "requirement"),
    [
        (Cell("3.11"), "keras==3.11.*"),
        (Cell("3.11.2"), "keras==3.11.2"),
        (Cell("latest"), "keras>=3.6"),
        (Cell("latest", pre=True), "keras>=3.6.0.dev0"),
        (Cell("3.16", pre=True), "keras==3.16.*,>=3.6.0.dev0"),
        (Cell("3.16rc1"), "keras==3.16rc1"),
        (Cell("tf_keras:2.15"), "keras==2.15.*"),
        (Cell("tf_keras:2.21"), "tf-keras==2.21.*"),
        (Cell("tf_keras:2.18.0"), "tf-keras==2.18.0"),
        (Cell("tf_keras:latest"), "tf-keras>=2.16"),
    ],
)
def test_a_release_becomes_a_requirement(cell: Cell, requirement: str) -> None:
    """Of two numbers the newest patch; pre-releases of Keras alone, if any."""
    assert cell.requirement == requirement


def test_every_combination_is_a_cell_once() -> None:
    """Releases within Pythons within backends."""
    assert [str(cell) for cell in cells(["3.6", "3.7", "3.6"], ["jax", "torch"], ["3.12"])] == [
        "keras 3.6, jax, Python 3.12",
        "keras 3.7, jax, Python 3.12",
        "keras 3.6, torch, Python 3.12",
        "keras 3.7, torch, Python 3.12",
    ]
    assert cells(["3.6"]) == [Cell("3.6", "jax", sys.executable)]


def on_python(minor: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this Python be another."""
    here = SimpleNamespace(version_info=SimpleNamespace(minor=minor), executable=sys.executable)
    monkeypatch.setattr(module, "sys", SimpleNamespace(**vars(here), platform="linux"))


def test_keras_2_has_tensorflow_of_the_same_minor_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the backends of Keras 3: 2.15 asks for it, and tf-keras names its own."""
    on_python(11, monkeypatch)
    found = cells(["tf_keras:2.15", "tf-keras:2.21", "3.15"], ["jax", "torch"])
    assert [str(cell) for cell in found] == [
        "tf_keras:2.15, tensorflow, this Python",
        "tf_keras:2.21, tensorflow, this Python",
        "keras 3.15, jax, this Python",
        "keras 3.15, torch, this Python",
    ]
    wanted = [cell.backend_requirement for cell in found]
    assert wanted == ["tensorflow-cpu==2.15.*", "tensorflow", "jax", "torch"]


def test_a_python_without_such_a_tensorflow_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest that has it is, unless one is named."""
    on_python(13, monkeypatch)
    found = cells(["tf_keras:2.15", "tf_keras:2.19", "tf_keras:2.21"])
    assert [cell.python for cell in found] == ["3.11", "3.12", sys.executable]
    assert cells(["tf_keras:2.15"], pythons=["3.10"])[0].python == "3.10"


@pytest.mark.parametrize(
    ("release", "message"),
    [
        ("banana", f"'banana' is no release of Keras; {SUCH}"),
        (">=3.6", f"'>=3.6' is no release of Keras; {SUCH}"),
        ("tf_keras", f"'tf_keras' is no release of Keras; {SUCH}"),
        ("tf_keras:", f"'tf_keras:' is no release of Keras; {SUCH}"),
        ("tensorflow:2.15", f"'tensorflow:2.15' is no release of Keras; {SUCH}"),
        ("3.5", f"3.5: {OLDEST}"),
        ("tf_keras:2.14", f"tf_keras:2.14: {OLDEST}"),
        ("2.14", f"2.14: {OLDEST}"),
        ("2.15", "2.15: it is Keras 2; write tf_keras:2.15"),
        ("tf_keras:3.15", "tf_keras:3.15: it is no Keras 2; write 3.15"),
    ],
)
def test_what_is_no_release_is_refused(release: str, message: str) -> None:
    """With what to write in its place."""
    with pytest.raises(CellError) as raised:
        cells([release])
    assert str(raised.value) == message


def test_releases_between_two() -> None:
    """In order of their numbers, without the ends and without pre-releases."""
    known = ["3.10.0", "3.9.2", "3.9.0", "3.11.0rc1", "3.11.0", "3.12.0", "3.8.0"]
    assert list(between(known, "3.8.0", "3.12.0")) == ["3.9.0", "3.9.2", "3.10.0", "3.11.0"]
