"""The first release that decides otherwise is found with few environments."""

from collections.abc import Sequence

import pytest
from stand_in import play

from dryfit.tools.matrix.cells import Cell, CellError
from dryfit.tools.matrix.player import PlayedElsewhere
from dryfit.tools.matrix.search import search

KNOWN = [f"3.{minor}.{patch}" for minor in range(6, 16) for patch in range(3)]


class Releases:
    """Plays two scenarios, which change with the releases that are said.

    Args:
        changes: by scenario, the releases from which it decides otherwise, in turn.
    """

    def __init__(self, *broken: str, **changes: Sequence[str]) -> None:
        self.changes, self.broken = changes, broken
        self.played: list[str] = []

    def __call__(self, cells: Sequence[Cell]) -> list[PlayedElsewhere]:
        return [self._play(cell) for cell in cells]

    def _play(self, cell: Cell) -> PlayedElsewhere:
        release = cell.keras
        self.played.append(release)
        if release in self.broken:
            return PlayedElsewhere(cell, error="cannot be installed")
        place = KNOWN.index(release)
        rows = tuple(
            play({"epochs_run": str(sum(place >= KNOWN.index(at) for at in changes))}, slug=slug)
            for slug, changes in self.changes.items()
        )
        return PlayedElsewhere(cell, rows, {"keras": release})


def found(releases: Releases, first: str, last: str) -> list[str]:
    return [p.keras for p in search(Cell(first), Cell(last), KNOWN, releases)]


def test_the_release_is_among_those_played_with_the_one_before() -> None:
    """Of 28 between the ends it takes five."""
    releases = Releases(stops=["3.11.0"])
    played = found(releases, "3.6.0", "3.15.2")
    at = played.index("3.11.0")
    assert played[at - 1] == "3.10.2"
    assert len(releases.played) <= 2 + 5


def test_scenarios_share_environments() -> None:
    """Two that change together take no more than one, and each release is played once."""
    releases = Releases(stops=["3.11.0"], cuts=["3.11.0"])
    found(releases, "3.6.0", "3.15.2")
    assert len(releases.played) == len(set(releases.played)) <= 2 + 5


def test_each_scenario_has_a_release_of_its_own() -> None:
    """The one before it was played too."""
    played = found(Releases(stops=["3.11.0"], saves=["3.13.1"]), "3.6.0", "3.15.2")
    assert {"3.10.2", "3.11.0", "3.13.0", "3.13.1"} <= set(played)


def test_a_scenario_that_is_the_same_at_both_ends_is_not_searched() -> None:
    """Only the ends are played."""
    releases = Releases(stops=[])
    assert found(releases, "3.6.0", "3.15.2") == ["3.6.0", "3.15.2"]


def test_of_several_changes_one_is_found_with_its_neighbours() -> None:
    """The first that is seen while halving."""
    played = found(Releases(stops=["3.7.0", "3.14.0"]), "3.6.0", "3.15.2")
    assert played[played.index("3.7.0") - 1] == "3.6.2"


def test_a_release_that_cannot_be_installed_is_left_out() -> None:
    """Its neighbours are tried in its place."""
    played = found(Releases("3.10.2", stops=["3.11.0"]), "3.9.0", "3.12.0")
    at = played.index("3.11.0")
    assert played[at - 2 : at] == ["3.10.1", "3.10.2"]


def test_neighbours_need_no_search() -> None:
    """There is nothing between them."""
    assert found(Releases(stops=["3.6.1"]), "3.6.0", "3.6.1") == ["3.6.0", "3.6.1"]


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("3.9.0", "3.6.0", "Keras 3.9.0 is not before 3.6.0; name the earlier release first"),
        ("3.9.0", "3.9.0", "Keras 3.9.0 is not before 3.9.0; name the earlier release first"),
        (
            "3.8.0",
            "3.9.0",
            "keras 3.8.0, jax, this Python: cannot be installed; both ends are needed",
        ),
    ],
)
def test_ends_that_are_none_are_refused(first: str, last: str, message: str) -> None:
    """With the reason."""
    with pytest.raises(CellError) as raised:
        found(Releases("3.8.0", stops=["3.7.0"]), first, last)
    assert str(raised.value) == message
