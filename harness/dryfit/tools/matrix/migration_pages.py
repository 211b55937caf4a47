"""What is decided otherwise after a migration: for a person, a page, and a program."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from dryfit.show.markdown import pipes, plain
from dryfit.tools.matrix.matrix_pages import NONE, contrast
from dryfit.tools.matrix.migration import Migration, Otherwise
from dryfit_fakes.quantities import quantity

_NAMED = 5  # scenarios by name, of those that one habit is in
_ALIKE = 3  # scenarios by their place, of those that one reason keeps from being compared
_RAISES = "raises on both, so nothing more is compared"


def as_migration_data(found: Migration) -> dict[str, Any]:
    """What a program reads."""
    return {
        "from": found.titles[0],
        "to": found.titles[1],
        "lane": found.lane,
        "same": found.same,
        "not_played": [
            {"file": one.file, "slug": one.slug, "on": list(one.on), "reason": one.told}
            for one in found.unplayed
        ],
        "raises_on_both": [
            {"file": one.file, "slug": one.slug, "error": one.told, "why": one.why or None}
            for one in found.raising
        ],
        "otherwise": [
            {
                "file": one.file,
                "slug": one.slug,
                "name": one.name,
                "silent": one.silent,
                "differences": [
                    {"what": what, "old": old, "new": new} for what, old, new in one.differences
                ],
                "errors": list(one.errors),
                "why": one.habit.why if one.habit else None,
                "write": one.habit.write if one.habit else None,
            }
            for one in found.otherwise
        ],
    }


def as_migration_text(found: Migration) -> str:
    """What a person reads: what comes from one habit together, told of one scenario."""
    lines = [_summary(found), *_uncompared(found)]
    for number, alike in enumerate(_by_habit(found), 1):
        lines += ["", *_told(number, alike, found.titles)]
    return "\n".join(lines)


def _summary(found: Migration) -> str:
    titles, lane = " and ".join(found.titles), f"{found.lane} lane"
    count = found.same + len(found.otherwise)
    if not count:
        return f"nothing is compared: no scenario is played on both {titles}, {lane}"
    silent = sum(one.silent for one in found.otherwise)
    return (
        f"{quantity(count, 'scenario')} on {titles}, {lane}: {len(found.otherwise)} decide "
        f"otherwise, {silent} of them silently (epochs count from 0)"
    )


def _uncompared(found: Migration) -> Iterator[str]:
    """A line for each reason, with the first scenarios that have it."""
    places: dict[tuple[str, str], list[str]] = {}
    for one in found.unplayed:
        what = "played on neither" if len(one.on) > 1 else f"not played on {one.on[0]}"
        places.setdefault((what, one.told), []).append(f"{one.file}::{one.slug}")
    for one in found.raising:
        told = f"{one.told} ({one.why})" if one.why else one.told
        places.setdefault((_RAISES, told), []).append(f"{one.file}::{one.slug}")
    for (what, told), alike in places.items():
        more = len(alike) - _ALIKE
        names = [*alike[:_ALIKE], *([f"{more} more, likewise"] if more > 0 else [])]
        yield f"{what}: {', '.join(names)}: {told}"


def _by_habit(found: Migration) -> Iterator[list[Otherwise]]:
    """What comes from one habit, and each scenario of which that is not known."""
    for habit, alike in groupby(found.otherwise, lambda one: (one.silent, one.habit)):
        ones = list(alike)
        yield from ([ones] if habit[1] is not None else [[one] for one in ones])


def _told(number: int, alike: Sequence[Otherwise], titles: tuple[str, str]) -> Iterator[str]:
    one, *others = alike
    yield f"{number}. {one.name}"
    yield f"   {one.file}::{one.slug}"
    yield f"   {'silently' if one.silent else 'with an error'}:"
    for what, *values in one.telling:
        old, new = contrast(values)
        yield f"     {what}: {old or NONE} ({titles[0]}); {new or NONE} ({titles[1]})"
    if one.beyond:
        yield "     what was recorded ends there: what comes of the other epochs, nobody knows"
    if not one.silent:
        yield from (f"     {' '.join(error.split())}" for error in one.errors)
    if one.habit is not None:
        yield f"   why: {one.habit.why}"
        yield f"   write: {one.habit.write}"
    if others:
        names = [other.name for other in others[:_NAMED]]
        more = f"; {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        yield f"   and so {quantity(len(others), 'other')}: {'; '.join(names)}{more}"


def as_migration_markdown(found: Migration) -> str:
    """A table for a page, a scenario a row, and what is not compared below."""
    titles = ["", "what", *found.titles, "silent", "write"]
    rows = (_row(number, one) for number, one in enumerate(found.otherwise, 1))
    table = pipes(titles, ["---"] * len(titles), ([*map(plain, row)] for row in rows))
    nothing = [] if found.same or found.otherwise else [_summary(found)]
    below = [f"- {plain(line)}" for line in (*nothing, *_uncompared(found))]
    return "\n".join([*table, *([""] if below else []), *below])


def _row(number: int, one: Otherwise) -> list[str]:
    what, *values = one.telling[0]
    old, new = contrast(values)
    if one.errors and not one.silent:
        new = " ".join(one.errors[0].split())[:80]
    write = "" if one.habit is None else one.habit.write
    silent = "yes" if one.silent else "no"
    return [str(number), one.name, f"{what}: {old or NONE}", new or NONE, silent, write]
