"""What settings decide on a recorded curve, side by side: a table, and what to make of it."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from dryfit.facts.readable import six_digits
from dryfit.facts.suggestions import did_you_mean
from dryfit.facts.visible_text import visible
from dryfit.show.grid import Column, Kind, as_grid, filled
from dryfit.show.long_lines import folded
from dryfit.tools.replay.what_if import Row
from dryfit_fakes.weights import Weights

if TYPE_CHECKING:
    from rich.console import Console


def comparison(rows: Sequence[Row], terminal: "Console | None" = None) -> str:
    """Write what `what_if` found as text; columns without any entry are left out.

    Args:
        terminal: what it is for; else it is plain.
    """
    said = (folded(visible(sentence), terminal) for sentence in _sentences(rows))
    return "\n".join([as_grid(filled(_columns(rows)), terminal), *said])


def _columns(rows: Sequence[Row]) -> list[Column]:
    def column(title: str, cell: Callable[[Row], str | None], kind: Kind = "number") -> Column:
        return Column(title, kind, ["" if row.error else cell(row) or "" for row in rows])

    curve = rows[0].curve
    titles = rows[-1].varied
    return [
        Column("row", "number", ["recorded", *map(str, range(1, len(rows)))]),
        *(Column(title, "number", [_argument(row, title) for row in rows]) for title in titles),
        column("epochs", lambda row: str(row.epochs_run)),
        column("saved", lambda row: None if row.epochs_saved is None else str(row.epochs_saved)),
        column(f"best {curve.monitor}", _best),
        column("worse by", lambda row: None if row.worse_by is None else six_digits(row.worse_by)),
        column("weights", lambda row: None if row.weights is None else _whose(row.weights)),
        column("other rates", _other_rates),
        Column("stopped", "words", [*_ends(rows)]),
        column("rate cut in", _cuts_of(rows), "words"),
    ]


def _argument(row: Row, title: str) -> str:
    return _written(row.varied[title]) if title in row.varied else ""


def _written(value: object) -> str:
    """Write an argument as a file has it."""
    if isinstance(value, float):
        return six_digits(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _epoch(epoch: int | None) -> str | None:
    return None if epoch is None else f"epoch {epoch}"


def _best(row: Row) -> str | None:
    return None if row.best is None else f"{six_digits(row.best)} (epoch {row.best_epoch})"


def _whose(weights: Weights) -> str | None:
    if weights.epoch is None:
        return "mixed"
    return "initial" if weights.epoch < 0 else _epoch(weights.epoch)


def _other_rates(row: Row) -> str | None:
    return None if row.other_rates_from is None else f"from {row.other_rates_from}"


def _ends(rows: Sequence[Row]) -> Iterator[str]:
    """Where each stopped; what was raised in full where it comes first."""
    raised: set[str] = set()
    for row in rows:
        said = f"{row.error.partition(':')[0]}, as above" if row.error in raised else row.error
        yield said or _stopped(row)
        raised |= {row.error} - {""}


def _stopped(row: Row) -> str:
    if row.goes_on:
        return f"not within the {row.curve.epochs} recorded epochs"
    if row.stopped is None:
        return "never"
    return f"in {_epoch(row.stopped.epoch) or 'on_train_begin'} by {row.stopped.by}"


def _cuts_of(rows: Sequence[Row]) -> Callable[[Row], str]:
    """Write the epochs of a row's cuts, and by whom if there are several who cut."""
    several = len({change.by for row in rows for change in row.reductions}) > 1

    def cuts(row: Row) -> str:
        epochs: dict[str, list[str]] = {}
        for change in row.reductions:
            epochs.setdefault(str(change.by), []).append(str(change.epoch))
        lines = {by: " ".join(known) for by, known in epochs.items()}
        return "\n".join(f"{text} by {by}" if several else text for by, text in lines.items())

    return cuts


def _sentences(rows: Sequence[Row]) -> Iterator[str]:
    """Say what the table comes to, and what it cannot say."""
    yield _on_the_best(rows)
    on = [index for index, row in enumerate(rows) if index and row.goes_on]
    if on:
        yield (
            f"{_named(on)} would go on past the {rows[0].curve.epochs} recorded epochs; "
            "what comes after them is not known."
        )
    other = {index: row.other_rates_from for index, row in enumerate(rows)}
    rates = {index: epoch for index, epoch in other.items() if epoch is not None}
    if rates:
        first, *later = sorted(set(rates.values()))
        since = "the epoch under 'other rates'" if later else f"epoch {first}"
        yield (
            f"The recorded curve was trained with other rates than {_named(list(rates)).lower()}: "
            f"from {since} on the numbers would have been others. "
            "A recorded curve does not change when the rate does."
        )


def _on_the_best(rows: Sequence[Row]) -> str:
    """Say which setting reaches the best that was recorded in the fewest epochs."""
    curve = rows[0].curve
    if not curve.values:
        hint = did_you_mean(curve.monitor, curve.names) or "."
        return f"The recording has no {curve.monitor}{hint} It has {', '.join(curve.names)}."
    if curve.direction is None:
        return (
            f"Whether {curve.monitor} is to rise or to fall is not known, so no value is the best; "
            "say it with mode: min or max, or with directions in the file's script."
        )
    epoch, best = curve.best()
    if best is None:
        return f"Every recorded {curve.monitor} is nan, so no value is the best."
    known = f"The best recorded {curve.monitor} is {six_digits(best)}, in epoch {epoch}."
    ranked = [
        (row.worse_by, row.epochs_run or 0, row.goes_on, index)
        for index, row in enumerate(rows)
        if index and row.worse_by is not None and row.other_rates_from is None
    ]
    if not ranked:
        return known
    worse_by, epochs, _, index = min(ranked)
    setting = ", ".join(f"{title}: {_written(v)}" for title, v in rows[index].varied.items())
    row = f"{index} ({setting})" if setting else f"{index}"
    if worse_by:
        return f"{known} No row reaches it; row {row} comes closest, {six_digits(worse_by)} worse."
    return f"{known} Row {row} reaches it in the fewest epochs, {epochs} of {curve.epochs}."


def _named(indices: Sequence[int]) -> str:
    """Name rows, those next to each other as a range."""
    spans: list[list[int]] = []
    for index in indices:
        if spans and spans[-1][-1] == index - 1:
            spans[-1].append(index)
        else:
            spans.append([index])
    shown = [f"{span[0]}-{span[-1]}" if len(span) > 1 else str(span[0]) for span in spans]
    return f"Row{'s' if len(indices) > 1 else ''} {', '.join(shown)}"
