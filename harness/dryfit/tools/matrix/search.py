"""Finds the first release between two that decides otherwise, with few environments.

Each release that is tried tells of all rows at once, so the halving of one row's
span narrows the others' too.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from dryfit.tools.matrix.cells import Cell, CellError, between, in_order
from dryfit.tools.matrix.player import PlayedElsewhere
from dryfit.tools.matrix.processes import ProcessError, Processes

Facts = dict[tuple[str, str], dict[str, str]]


def releases(processes: Processes, uv: str) -> list[str]:
    """Ask the package index which releases of Keras there are; pip tells it as JSON.

    Raises:
        ProcessError: the index does not answer.
    """
    command = [uv, "--quiet", "tool", "run", "pip", "index", "versions", "keras", "--json"]
    ended = processes.run(command)
    if ended.status:
        raise ProcessError(f"cannot ask which releases there are: {ended.said.strip()}")
    return [str(release) for release in json.loads(ended.out)["versions"]]


def search(
    first: Cell,
    last: Cell,
    known: Sequence[str],
    play: Callable[[Sequence[Cell]], Sequence[PlayedElsewhere]],
) -> list[PlayedElsewhere]:
    """Play as few releases as tell for each row where it first decides otherwise.

    A row that decides the same at both ends is not searched.

    Args:
        first: the earlier end.
        last: the later end.
        known: the releases that there are.
        play: plays cells.

    Returns:
        What was played: the ends, and each release that was tried.

    Raises:
        CellError: an end cannot be played, or they are not in order.
    """
    ends = list(play([first, last]))
    for end in ends:
        if end.error:
            raise CellError(f"{end.cell}: {end.error}; both ends are needed")
    low, high = (end.keras for end in ends)
    if in_order(low) >= in_order(high):
        raise CellError(f"Keras {low} is not before {high}; name the earlier release first")
    spots = [low, *between(known, low, high), high]
    played: dict[int, PlayedElsewhere] = {0: ends[0], len(spots) - 1: ends[1]}
    broken: set[int] = set()
    while (spot := _next_spot(played, broken, len(spots))) is not None:
        (tried,) = play([replace(first, keras=spots[spot])])
        if tried.error:
            broken.add(spot)
        played[spot] = tried
    return [played[spot] for spot in sorted(played)]


def _next_spot(played: dict[int, PlayedElsewhere], broken: set[int], count: int) -> int | None:
    """The middle of the widest span in which a row changes; ``None`` once all are narrow."""
    facts = {spot: _facts(p) for spot, p in played.items() if spot not in broken}
    rows = facts[0].keys() & facts[count - 1].keys()
    found: set[tuple[int, int]] = set()
    for row in rows:
        if facts[0][row] != facts[count - 1][row]:
            found.add(_span(facts, row))
    for low, high in sorted(found, key=lambda span: (span[0] - span[1], span)):
        free = [spot for spot in range(low + 1, high) if spot not in played]
        if free:
            return free[len(free) // 2]
    return None


def _span(facts: dict[int, Facts], row: tuple[str, str]) -> tuple[int, int]:
    """Between which releases a row changes first, as far as is known."""
    low = 0
    for spot in sorted(facts):
        found = facts[spot].get(row)
        if found is None:
            continue
        if found != facts[low][row]:
            return low, spot
        low = spot
    raise AssertionError("the ends differ")


def _facts(played: PlayedElsewhere) -> Facts:
    return {(row["file"], row["slug"]): row["facts"] for row in played.rows if row["facts"]}
