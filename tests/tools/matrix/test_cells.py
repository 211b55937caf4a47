"""Cells, and what is installed for them."""

import sys

import pytest

from dryfit.tools.matrix.cells import Cell, CellError, between, cells


@pytest.mark.parametrize(
    ("cell", "requirement"),
    [
        (Cell("3.11"), "keras==3.11.*"),
        (Cell("3.11.2"), "keras==3.11.2"),
        (Cell("latest"), "keras>=3.6"),
        (Cell("latest", pre=True), "keras>=3.6.0.dev0"),
        (Cell("3.16", pre=True), "keras==3.16.*,>=3.6.0.dev0"),
        (Cell("3.16rc1"), "keras==3.16rc1"),
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


@pytest.mark.parametrize(
    ("release", "message"),
    [
        ("banana", "'banana' is no release of Keras; write such as 3.11, 3.11.2 or latest"),
        ("3.5", "Keras 3.5: dryfit runs on Keras 3.6 and newer"),
        ("2.15", "Keras 2.15: dryfit runs on Keras 3.6 and newer"),
        (">=3.6", "'>=3.6' is no release of Keras; write such as 3.11, 3.11.2 or latest"),
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
