"""The fact of several ranks: whether they do the same, each with numbers of its own.

What a rank does alone ends the training of all: each step waits for every rank
(horovod#3140).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import BeforeValidator, WithJsonSchema

from dryfit.facts.comparing import Comparing
from dryfit.facts.fact import Fact, FactOutcome
from dryfit.facts.failure import Failure, Failures
from dryfit.facts.mapping_keys import one_of
from dryfit.facts.notation import flow
from dryfit.facts.readable import six_digits
from dryfit.facts.scalar import Scalar, Sourced
from dryfit.facts.values import found, read_flag, read_text, some
from dryfit.run.timeline_events import Change, Trained, WeightsUsed

if TYPE_CHECKING:
    from dryfit.run.run import Run

# The epoch in which two ranks part, and what each of them does there.
Parting: TypeAlias = tuple[int | None, str]


_ASKED = {
    "stop_together": "every rank stops in the same place",
    "same_rate": "every rank trains with the same rate",
    "same_checkpoints": "every rank writes the same files of weights",
    "only_rank_0_writes": "no rank but 0 writes files",
}


def _read(data: Sourced) -> dict[str, bool]:
    some(data)
    if isinstance(data, list):
        return {one_of(read_text(item), tuple(_ASKED)): True for item in data}
    if isinstance(data, dict):
        return {one_of(str(word), tuple(_ASKED)): read_flag(flag) for word, flag in data.items()}
    there = found(data) if isinstance(data, Scalar) else repr(data)
    raise ValueError(f"expected a list of {', '.join(_ASKED)}, found {there}")


_Expected = Annotated[
    dict[str, bool],
    BeforeValidator(_read),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"enum": list(_ASKED)}, "minItems": 1},
                {
                    "type": "object",
                    "properties": {word: {"type": "boolean"} for word in _ASKED},
                    "additionalProperties": False,
                    "minProperties": 1,
                },
            ]
        }
    ),
]


class Ranks(Fact[dict[str, bool]]):
    """What all ranks do alike; the other keys of `expect` are about rank 0."""

    name = "ranks"
    type = _Expected
    needs_batches = True
    needs_files = True

    def of(self, run: "Run") -> dict[str, bool]:
        """Which of them hold, as far as runs tell; none of a run without ranks."""
        return {} if len(run.ranks) == 1 else _held(run.ranks, [()] * len(run.ranks), Comparing())

    def compare(self, expected: dict[str, bool], outcome: FactOutcome, how: Comparing) -> Failures:
        """Say of each rank where it parts from rank 0."""
        runs, written = _told(outcome)
        for word, holds in expected.items():
            what, asked = f"ranks: {word}", _ASKED[word]
            partings = list(_partings(word, runs, written, how))
            if not holds and not partings:
                yield Failure(what, None, f"not that {asked}", "they do", (self.name,))
            for epoch, told in partings if holds else ():
                yield Failure(what, epoch, asked, told, (self.name,))

    def write(self, outcome: FactOutcome, expected: dict[str, bool] | None, exact: bool) -> str:
        """Write those that hold; or of each whether it does, where one does not."""
        runs, written = _told(outcome)
        if len(runs) == 1:
            return "[]"
        held = _held(runs, written, Comparing(exact))
        asked = {word: holds for word, holds in held.items() if not expected or word in expected}
        return flow(list(asked) if all(asked.values()) else asked)

    def summary(self, run: "Run") -> Iterator[tuple[str, str]]:
        """Where a rank stops alone, or that none does."""
        if len(run.ranks) > 1:
            partings = _partings("stop_together", run.ranks, [], Comparing())
            told = "; ".join(f"epoch {epoch}: {told}" for epoch, told in partings)
            yield "ranks", told or f"{len(run.ranks)}, which stop together"


def _told(outcome: FactOutcome) -> tuple[Sequence["Run"], Sequence[Sequence[str]]]:
    """The run of each rank, and the files that it wrote."""
    runs = outcome.run.ranks
    if len(runs) == 1:
        return runs, [()]
    return runs, [rank.written for rank in outcome.ranks]


def _held(
    runs: Sequence["Run"], written: Sequence[Sequence[str]], how: Comparing
) -> dict[str, bool]:
    return {word: not any(_partings(word, runs, written, how)) for word in _ASKED}


def _partings(
    word: str, runs: Sequence["Run"], written: Sequence[Sequence[str]], how: Comparing
) -> Iterator[Parting]:
    """Where each rank from 1 on parts from rank 0, if it does."""
    for rank in range(1, len(runs)):
        if word == "only_rank_0_writes":
            parting = _writes(rank, runs[rank], written[rank] if written else ())
        else:
            parting = _COMPARED[word](runs[0], runs[rank], rank, how)
        if parting is not None:
            yield parting


def _stops(first: "Run", other: "Run", rank: int, how: Comparing) -> Parting | None:
    """Which of two trains fewer batches, and where it ends."""
    mine, theirs = _batches(first), _batches(other)
    apart = [e for e in dict.fromkeys([*mine, *theirs]) if mine.get(e) != theirs.get(e)]
    if not apart:
        return None
    epoch = min(apart)
    sooner = mine.get(epoch, 0) < theirs.get(epoch, 0)
    pair = [(0, first), (rank, other)] if sooner else [(rank, other), (0, first)]
    (stops, run), (waits, beside) = pair
    last = max((e for e in _batches(run)), default=None)
    values = _values((run, beside), last, run.stopped_by)
    return last, (
        f"rank {stops} {_end(run)}{values[0]}; rank {waits} goes on{values[1]}, and waits for ever"
    )


def _batches(run: "Run") -> dict[int, int]:
    """How many batches each epoch trained, by epoch."""
    found: dict[int, int] = {}
    for hook in run.hooks:
        if hook.name == "on_train_batch_end" and hook.epoch is not None:
            found[hook.epoch] = found.get(hook.epoch, 0) + 1
    return found


def _end(run: "Run") -> str:
    if run.raised is not None:
        return f"ends with {run.raised.type}"
    if run.stopped is None:
        return "ends"
    at = "" if run.stopped_batch is None else f" in batch {run.stopped_batch}"
    return f"stops by {run.stopped_by}{at}"


def _rates(first: "Run", other: "Run", rank: int, how: Comparing) -> Parting | None:
    """The first batch that two train with other rates; not where one trains no more."""
    mine, theirs = (_trained(run) for run in (first, other))
    for epoch in mine:
        for batch in sorted({*mine[epoch], *theirs.get(epoch, {})} if epoch in theirs else ()):
            rates = [_at(trained[epoch], batch) for trained in (mine, theirs)]
            if not _same_rates(rates[0][0], rates[1][0], how):
                ranks = zip((0, rank), (first, other), rates, strict=True)
                told = (
                    f"rank {n} trains with {_rate(rate)}{_since(run, set_by)}"
                    for n, run, (rate, set_by) in ranks
                )
                return epoch, "; ".join(told)
    return None


# A rate, and the change that made it so.
_InForce: TypeAlias = tuple[Any, Change | None]


def _trained(run: "Run") -> dict[int, dict[int, _InForce]]:
    """What trains, by epoch, and in it from which batch on."""
    found: dict[int, dict[int, _InForce]] = {}
    set_by: Change | None = None
    for event in run.timeline:
        if isinstance(event, Change) and event.is_rate:
            set_by = event
        elif isinstance(event, Trained) and event.epoch is not None:
            found.setdefault(event.epoch, {})[event.batch] = event.learning_rate, set_by
    return found


def _at(rates: Mapping[int, _InForce], batch: int) -> _InForce:
    return rates[max(begins for begins in rates if begins <= batch)]


def _same_rates(one: Any, other: Any, how: Comparing) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(how.same(one[n], other[n]) for n in one)
    return how.same(one, other)


def _rate(rates: Any) -> str:
    if isinstance(rates, dict):
        return ", ".join(f"{name} {six_digits(rate)}" for name, rate in rates.items())
    return six_digits(rates)


def _since(run: "Run", change: Change | None) -> str:
    """Who set a rate, when, and what it saw."""
    if change is None or change.by is None:
        return ""
    (seen,) = _values((run,), change.epoch, change.by)
    return f", set by {change.by} in epoch {change.epoch}{seen}"


def _saves(first: "Run", other: "Run", rank: int, how: Comparing) -> Parting | None:
    """The first file of weights that one writes and the other does not, or not then."""
    for one, another in zip_longest(first.checkpoints, other.checkpoints):
        if _save(one) == _save(another):
            continue
        epochs = [save.epoch for save in (one, another) if save and save.epoch is not None]
        epoch = min(epochs, default=None)
        told = []
        for number_of, run, save in ((0, first, one), (rank, other, another)):
            there = save is not None and save.epoch == epoch
            by = next(save.by for save in (one, another) if save and save.epoch == epoch)
            (seen,) = _values((run,), epoch, by)
            told.append(f"rank {number_of} writes {save.path if there else 'nothing'}{seen}")
        return epoch, "; ".join(told)
    return None


def _save(save: WeightsUsed | None) -> tuple[Any, ...] | None:
    return None if save is None else (save.epoch, save.batch, save.path, save.to)


def _writes(rank: int, run: "Run", written: Sequence[str]) -> Parting | None:
    """The first that another rank than 0 writes."""
    for save in run.checkpoints:
        return save.epoch, f"rank {rank} writes {save.path}, by {save.by}"
    return (None, f"rank {rank} writes {', '.join(written)}") if written else None


def _values(runs: Sequence["Run"], epoch: int | None, by: str | None) -> list[str]:
    """What each reported in an epoch of what a callback monitors; else of what differs."""
    rows = [{} if epoch is None else run.reported.get(epoch, {}) for run in runs]
    monitored = (run.state.get(f"{by}.monitor", ()) for run in runs)
    names = [name for values in monitored for name in values[-1:] if name is not None]
    if not names:
        names = [name for name in rows[0] if any(row.get(name) != rows[0][name] for row in rows)]
    return [_shown(row, list(dict.fromkeys(names))) for row in rows]


def _shown(row: Mapping[str, Any], names: Sequence[str]) -> str:
    told = ", ".join(f"{name} {six_digits(row[name])}" for name in names[:3] if name in row)
    return f" ({told})" if told else ""


_COMPARED: dict[str, Callable[["Run", "Run", int, Comparing], Parting | None]] = {
    "stop_together": _stops,
    "same_rate": _rates,
    "same_checkpoints": _saves,
}
