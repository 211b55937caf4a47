"""Which cells decide otherwise, and what."""

from typing import Any

from stand_in import play

from dryfit.tools.matrix.across_releases import (
    ReleaseChange,
    ReleaseDifference,
    ReleaseRow,
    ReleaseTable,
    spans,
    table,
)
from dryfit.tools.matrix.cells import Cell
from dryfit.tools.matrix.player import PlayedElsewhere


def cell(release: str, *rows: dict[str, Any], backend: str = "jax") -> PlayedElsewhere:
    return PlayedElsewhere(Cell(release, backend), rows, {"keras": release})


def row(*decisions: str | None) -> ReleaseRow:
    """A scenario that ran so many epochs in each cell; `None`, it was not played."""
    plays = (play(None if epochs is None else {"epochs_run": epochs}) for epochs in decisions)
    return ReleaseRow("a.scenario.yaml", "stops", "stops", tuple(plays))


def test_the_same_decisions_have_the_same_letter() -> None:
    """By their first appearance; a cell without any has none."""
    assert row("3", "6", None, "3", "9").letters == ["a", "b", "-", "a", "c"]


def test_a_change_says_where_and_what() -> None:
    """Against the cell before that was played."""
    assert row("3", None, "6", "6", "3").changes == (
        ReleaseChange(2, 0, (ReleaseDifference("epochs_run", "3", "6"),)),
        ReleaseChange(4, 3, (ReleaseDifference("epochs_run", "6", "3"),)),
    )


def test_a_row_that_is_the_same_has_no_changes() -> None:
    """Cells in which it was not played do not matter."""
    assert row("3", None, "3").changes == ()


def test_a_fact_can_be_new() -> None:
    """It has no value in the cell before."""
    plays = (play({"raises": "nothing"}), play({"raises": "nothing", "epochs_run": "3"}))
    (change,) = ReleaseRow("a", "a", "a", plays).changes
    assert change.what == (ReleaseDifference("epochs_run", "", "3"),)


def test_neighbours_that_decide_the_same_are_one_segment() -> None:
    """With the facts that are not the same everywhere."""
    plays = [play({"raises": "nothing", "epochs_run": epochs}) for epochs in ("3", "3", "6", "3")]
    found = ReleaseRow("a", "a", "a", tuple(plays))
    assert (found.segments, found.telling) == ([[0, 1], [2], [3]], ("epochs_run",))
    assert found.values("epochs_run") == ["3", "6", "3"]


def test_cells_stand_in_the_order_of_their_releases() -> None:
    """As numbers, within each backend; those that broke too."""
    played = [
        cell("3.10.0"),
        cell("3.9.2", backend="torch"),
        PlayedElsewhere(Cell("3.99"), error="no such release"),
        cell("3.9.2"),
    ]
    found = table(played)
    assert found.titles == ["3.9.2 jax", "3.10.0 jax", "3.99 jax", "3.9.2 torch"]


def test_keras_2_stands_in_front() -> None:
    """With its package's release, or that of `keras` itself; its backend goes without saying."""
    versions = {"keras": "3.15.1", "tf-keras": "2.21.0"}
    played = [
        cell("3.15.1", backend="jax"),
        cell("3.15.1", backend="torch"),
        PlayedElsewhere(Cell("tf_keras:2.21", "tensorflow"), (), versions),
        PlayedElsewhere(Cell("tf_keras:2.15", "tensorflow"), (), {"keras": "2.15.0"}),
    ]
    titles = ["tf_keras 2.15.0", "tf_keras 2.21.0", "3.15.1 jax", "3.15.1 torch"]
    assert table(played).titles == titles


def test_a_row_has_a_gap_where_a_cell_broke() -> None:
    """The others stand."""
    found = table([cell("3.6.0", play({})), PlayedElsewhere(Cell("3.7"), error="broken")])
    assert [r.plays for r in found.rows] == [(play({}), None)]
    assert found.rows[0].letters == ["a", "-"]


def test_what_does_not_hold_is_listed() -> None:
    """Failures and errors, each with its cell."""
    failed, passed = play({}, outcome="failed"), play({})
    found = table([cell("3.6.0", passed), cell("3.7.0", failed)])
    assert found.not_holding == ((found.rows[0], 1),)


def test_only_rows_with_changes_have_changed() -> None:
    """However many cells there are."""
    rows = (row("3", "3"), row("3", "6"))
    assert ReleaseTable((), rows).changed == rows[1:]


def test_neighbouring_cells_are_named_by_their_ends() -> None:
    """One by itself."""
    titles = ["3.6.0", "3.7.0", "3.8.0"]
    assert (spans([0, 1, 2], titles), spans([1], titles)) == ("3.6.0 to 3.8.0", "3.7.0")
