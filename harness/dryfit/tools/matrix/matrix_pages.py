"""The table as text, Markdown, JSON and one HTML page."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Any, Literal

from dryfit.facts.readable import at_epoch
from dryfit.judge.outcome import Outcome, counted
from dryfit.show.markdown import code, pipes, plain
from dryfit.show.page.banner import Banner, Provenance
from dryfit.show.page.templating import templates
from dryfit.tools.matrix.across_releases import SKIPPED, ReleaseRow, ReleaseTable, installed, spans
from dryfit_fakes.quantities import quantity

_MARKS = {Outcome.FAILED: "!", Outcome.ERROR: "!", Outcome.KNOWN_DEFECT: "*"}
LEGEND = (
    "The same letter: the same decisions. *: a known defect, ! not as the scenario expects, "
    f"{SKIPPED} not played."
)

NONE = "none"
_FITS, _AROUND, _LONG = 80, 12, 240  # characters of a text in a table


def marked(row: ReleaseRow) -> list[str]:
    """The letters of a row, with a mark where the scenario does not simply hold."""
    return [letter + mark for letter, mark in _letters(row)]


def _letters(row: ReleaseRow) -> list[tuple[str, str]]:
    """The letter and the mark in each cell, both empty where the cell broke."""
    return [
        ("", "") if play is None else (letter, _MARKS.get(Outcome(play["outcome"]), ""))
        for play, letter in zip(row.plays, row.letters, strict=True)
    ]


def summary(table: ReleaseTable) -> str:
    """Say in one line how many scenarios there are, and how many decide otherwise somewhere."""
    played = sum(not p.error for p in table.cells)
    parts = [
        f"{quantity(len(table.rows), 'scenario')} in {played} of "
        f"{quantity(len(table.cells), 'cell')}"
    ]
    parts.append(f"{len(table.changed)} not the same in all")
    if table.not_holding:
        parts.append(f"{quantity(len(table.not_holding), 'time')} not as expected")
    return "; ".join(parts)


def as_text(table: ReleaseTable, *, changes_only: bool) -> str:
    """Write the table for a terminal."""
    titles = table.titles
    width = max((len(title) for title in titles), default=0)
    lines = [f"{title:{width}}  {said}" for title, said in zip(titles, _cells(table), strict=True)]
    if table.rows:
        lines += ["", " ".join(f"{title:>{width}}" for title in titles)]
    for row in table.changed if changes_only else table.rows:
        cells = " ".join(f"{mark:>{width}}" for mark in marked(row))
        lines.append(f"{cells}  {row.file}: {row.name}")
        for change in row.changes:
            lines.append(f"    {titles[change.at]}, not as {titles[change.before]}:")
            for difference in change.what:
                new, old = contrast([difference.new, difference.old])
                lines.append(f"      {difference.fact}: {new or NONE}  (was {old or NONE})")
    for row, index in table.not_holding:
        lines += ["", f"{titles[index]}: {row.file}: {row.name}: not as expected"]
        lines += [f"    {line}" for line in mismatches(row, index)]
    return "\n".join([*lines, "", LEGEND, summary(table)])


def mismatches(row: ReleaseRow, index: int) -> Iterator[str]:
    """What is not as a scenario expects in a cell, a line each."""
    play = row.plays[index]
    assert play is not None
    if play["reason"]:
        yield play["reason"]
    for failure in play["failures"]:
        where = at_epoch(failure["what"], failure["epoch"])
        yield f"{where}: exp: {failure['expected']} got: {failure['got']}"


def as_markdown(table: ReleaseTable, *, changes_only: bool) -> str:
    """Write the table for a page or a pull request."""
    titles = table.titles
    said = zip(titles, _cells(table), strict=True)
    lines = [*_table(["cell", "what became of it"], said)]
    rows = table.changed if changes_only else table.rows
    if rows:
        lines += ["", *_table(["scenario", *titles], ([r.name, *marked(r)] for r in rows), ":-:")]
    lines += ["", LEGEND, "", f"{summary(table)}."]
    for row in table.changed:
        lines += ["", f"### {plain(row.name)}", "", code(row.file), ""]
        heads = [spans(cells, titles) for cells in row.segments]
        facts = ([fact, *_contrasted(row, fact)] for fact in row.telling)
        lines += _table(["", *heads], facts)
    for row, index in table.not_holding:
        lines += ["", f"**{plain(titles[index])}: {plain(row.name)}** is not as expected:", ""]
        lines += [f"- {plain(line)}" for line in mismatches(row, index)]
    return "\n".join(lines)


def _table(
    titles: Sequence[str], rows: Iterable[Sequence[str]], alignment: str = ":---"
) -> Iterator[str]:
    """The lines of a table in Markdown, of texts as they are."""
    alignments = [":---", *[alignment] * (len(titles) - 1)]
    return pipes([*map(plain, titles)], alignments, ([*map(plain, row)] for row in rows))


def _contrasted(row: ReleaseRow, fact: str) -> list[str]:
    return [value or NONE for value in contrast(row.values(fact))]


def as_html(table: ReleaseTable, *, changes_only: bool, made: Provenance | None = None) -> str:
    """Write the table as one page that needs nothing from elsewhere.

    Args:
        table: all scenarios in all cells.
        changes_only: whether those that are the same in all cells are left out.
        made: how the page came to be, where it is to say so.
    """
    return (
        templates("dryfit.tools.matrix")
        .get_template("page.html")
        .render(
            title="dryfit matrix",
            banner=Banner("dryfit matrix", *_verdict(table)),
            made=made,
            titles=table.titles,
            cells=list(zip(table.titles, _cells(table), strict=True)),
            rows=[(row, _letters(row)) for row in (table.changed if changes_only else table.rows)],
            not_holding=[
                (table.titles[i], row, list(mismatches(row, i))) for row, i in table.not_holding
            ],
            heads=lambda row: [spans(cells, table.titles) for cells in row.segments],
            contrast=contrast,
            legend=LEGEND,
            summary=summary(table),
        )
    )


def _verdict(table: ReleaseTable) -> tuple[str, Literal["good", "bad", "odd"]]:
    """Whether all is as expected, and then whether it is the same everywhere."""
    if broken := sum(bool(played.error) for played in table.cells):
        return f"{quantity(broken, 'cell')} could not be played", "bad"
    if wrong := len(table.not_holding):
        return f"{quantity(wrong, 'time')} not as expected", "bad"
    if changed := len(table.changed):
        of = quantity(len(table.rows), "scenario")
        return f"As expected in every cell; {changed} of {of} not the same in all", "odd"
    return "As expected, and the same in every cell", "good"


def as_data(table: ReleaseTable, *, changes_only: bool) -> dict[str, Any]:
    """Write the table as what JSON has."""
    titles = table.titles
    rows = table.changed if changes_only else table.rows
    return {
        "cells": [
            {
                "title": title,
                "asked": p.cell.keras,
                "keras": None if p.versions is None else p.keras,
                "backend": p.cell.backend,
                "python": (p.versions or {}).get("python"),
                "error": p.error or None,
            }
            for title, p in zip(titles, table.cells, strict=True)
        ],
        "rows": [_row_as_data(row, titles) for row in rows],
    }


def _row_as_data(row: ReleaseRow, titles: Sequence[str]) -> dict[str, Any]:
    return {
        "file": row.file,
        "slug": row.slug,
        "name": row.name,
        "plays": [
            None if play is None else {"cell": title, "decisions": letter, **_told(play)}
            for title, letter, play in zip(titles, row.letters, row.plays, strict=True)
        ],
        "changes": [
            {
                "cell": titles[change.at],
                "before": titles[change.before],
                "what": [{"fact": d.fact, "old": d.old, "new": d.new} for d in change.what],
            }
            for change in row.changes
        ],
    }


def _told(play: dict[str, Any]) -> dict[str, Any]:
    return {key: play[key] for key in ("outcome", "reason", "failures", "facts")}


def contrast(texts: Sequence[str]) -> list[str]:
    """Leave out what long texts have in common at both ends, but for a few words.

    >>> contrast(["word " * 20 + "of one kind", "word " * 20 + "of another"])
    ['… word word of one kind', '… word word of another']
    """
    if max(map(len, texts)) <= _FITS:
        return list(texts)
    head = _common(texts)
    tail = _common([text[head:][::-1] for text in texts])
    told = []
    for text in texts:
        start = text.rfind(" ", 0, max(0, head - _AROUND)) + 1
        end = text.find(" ", len(text) - tail + _AROUND)
        middle = text[start : len(text) if end < 0 else end]
        whole = f"{'… ' if start else ''}{middle}{'' if end < 0 else ' …'}"
        told.append(whole if len(whole) <= _LONG else f"{whole[:_LONG]} …")
    return told


def _common(texts: Sequence[str]) -> int:
    """How many letters they begin with in common."""
    letters = zip(*texts, strict=False)
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, letters))


def _cells(table: ReleaseTable) -> Iterator[str]:
    """Say of each cell what is in it and how the scenarios did, or why it broke."""
    for index, played in enumerate(table.cells):
        if played.error:
            yield f"not played: {played.error}"
            continue
        told = ", ".join(counted(row.outcome(index) for row in table.rows))
        yield f"{', '.join(installed(played))}: {told}"
