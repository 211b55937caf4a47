"""Sweeping settings over curves: read, decide, audit, answer."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryfit.lanes.parallel_jobs import WorkersDiedError, in_bulk
from dryfit.scenario.trust import USUAL, Trust
from dryfit.scenario.usage import UsageError
from dryfit.scenario.whole_file import UnwritableError
from dryfit.tools.sweep.answers import Answers, Pick, SweepRow
from dryfit.tools.sweep.audit import Differing, audited, drawn_cells
from dryfit.tools.sweep.chunks import Chunk, KeptChunks, cut, decide
from dryfit.tools.sweep.curve_arrays import NEVER, CurveArrays, as_arrays
from dryfit.tools.sweep.curve_sources import Columns, read_sources, with_metrics
from dryfit.tools.sweep.outcomes import Outcomes, empty
from dryfit.tools.sweep.settings import (
    SweptSettings,
    arithmetic,
    check_monitor,
    direction_of,
    read_settings,
    why_not_vectorised,
)
from dryfit.tools.sweep.swept_cells import cells_of
from dryfit_fakes.backend import keras

if TYPE_CHECKING:
    import pyarrow as pa

ENGINES = ("auto", "vectorised", "callbacks")
AUDITED = 200

Source = str | os.PathLike[str]


@dataclass(frozen=True)
class SweepResult:
    """What came of a sweep.

    Attributes:
        answers: the rows, and what they are made of.
        engine: ``vectorised`` or ``callbacks``.
        audited: how many cells were played to the real callbacks besides.
        differing: those that array programs decide otherwise; there must be none.
        seconds: what it took to decide all cells, without reading and the audit.
        audit_seconds: what the audit took.
        notes: what was left out, or taken for granted.
        shard: which part of the curves this is, and of how many; ``(1, 1)`` is all.
        fingerprint: of the whole sweep, the same for all its shards.
        budget: what `best` goes by, if nothing else is said.
        lose_at_most: likewise.
    """

    answers: Answers
    engine: str
    audited: int
    differing: tuple[Differing, ...]
    seconds: float
    audit_seconds: float = 0.0
    notes: tuple[str, ...] = ()
    shard: tuple[int, int] = (1, 1)
    fingerprint: str = ""
    budget: float | None = None
    lose_at_most: float | None = None
    _kept: KeptChunks | None = None

    @property
    def rows(self) -> tuple[SweepRow, ...]:
        """A row for each setting, in the order they were asked for."""
        return self.answers.rows

    @property
    def front(self) -> tuple[SweepRow, ...]:
        """The settings that no other beats in both, epochs and loss; the cheapest first."""
        return self.answers.front()

    @property
    def curves(self) -> int:
        """How many curves have been swept."""
        return len(self.answers.cells.ids)

    @property
    def cells(self) -> int:
        """How many cells there are: settings times curves."""
        return self.curves * len(self.rows)

    @cached_property
    def recommended(self) -> Pick | None:
        """What to take, and how sure it is; ``None`` if no setting has an answer."""
        return self.answers.pick(self.budget, self.lose_at_most)

    def best(
        self, *, budget: float | None = None, lose_at_most: float | None = None
    ) -> SweepRow | None:
        """Pick a setting from the front.

        Args:
            budget: the share of the epochs that may be trained; of those settings, the one
                that loses least.
            lose_at_most: the share of a curve's range that nine in ten curves may lose; of
                those settings, the cheapest. Without either it is 0.01.

        Returns:
            What keeps to it; ``None`` if none does.
        """
        pick = self.answers.pick(budget, lose_at_most)
        return pick.row if pick is not None and pick.meets else None

    def forget(self) -> None:
        """Clear what was kept to go on from, now that there is an answer."""
        if self._kept is not None:
            self._kept.clear()

    def to_arrow(self) -> "pa.Table":
        """Every cell as a row of an Arrow table, with the columns that ``--out`` has.

        Raises:
            ImportError: pyarrow is not installed.
        """
        from dryfit.tools.sweep.cells_file import as_table

        return as_table(self)


@dataclass(frozen=True)
class Progress:
    """How far a sweep is; both functions are called with cells.

    Attributes:
        begin: called with how many there are.
        advance: called with how many more are done.
    """

    begin: Callable[[int], object] = field(default=lambda cells: None)
    advance: Callable[[int], object] = field(default=lambda cells: None)


def sweep(
    sources: Source | Sequence[Source],
    callbacks: str | Sequence[str],
    *,
    monitor: str | None = None,
    engine: str = "auto",
    audit: int = AUDITED,
    seed: int = 0,
    jobs: int | None = None,
    shard: tuple[int, int] = (1, 1),
    budget: float | None = None,
    lose_at_most: float | None = None,
    curve_column: str = "curve",
    epoch_column: str = "epoch",
    keep: Source | None = None,
    trust: Trust = USUAL,
    progress: Progress = Progress(),
) -> SweepResult:
    """Say what many settings decide on many recorded curves.

    Args:
        sources: files, folders and globs of recordings: scenario files, whatever
            ``dryfit record --from`` reads, and tables of many curves.
        callbacks: an item as in a file's ``callbacks``, with alternatives, such as
            ``"EarlyStopping: {patience: 1..50, min_delta: 0|.001}"``; several are one list.
        monitor: the metric to compare by; by default the first that is monitored.
        engine: ``"vectorised"``, array programs that are audited; ``"callbacks"``, the real
            ones, played; or ``"auto"``, the first where it knows all callbacks.
        audit: how many cells are played to the real callbacks besides.
        seed: of the audit's draw and of the bootstrap.
        jobs: processes; by default what joblib is configured to, or this one.
        shard: ``(i, n)``: the i-th of n parts of the curves alone.
        budget: the share of the epochs that `SweepResult.recommended` may train.
        lose_at_most: the share of a curve's range that nine in ten curves may lose with it.
        curve_column: what tables of many curves name them in.
        epoch_column: what they count epochs in.
        keep: a folder for what is finished, so that the same call goes on where it was
            broken off; `SweepResult.forget` clears it.
        trust: what the callbacks may do.
        progress: hears of it as it goes on.

    Raises:
        UsageError: an argument, a callback or a source cannot be used, or a callback raised.
        ScenarioFileError: a file that was named cannot be read.
    """
    if engine not in ENGINES:
        raise UsageError("--engine", f"{engine!r}; it is one of {', '.join(ENGINES)}")
    _check_numbers(audit, shard, budget, lose_at_most)
    items = [callbacks] if isinstance(callbacks, str) else list(callbacks)
    given = [sources] if isinstance(sources, str | os.PathLike) else list(sources)
    settings = read_settings(items, trust, Path.cwd())
    columns = Columns(curve_column, epoch_column)
    curves, compared, notes = _read(given, columns, settings, monitor, trust)
    why = why_not_vectorised(settings, curves)
    if engine == "vectorised" and why:
        raise UsageError("--engine", f"vectorised: {why}; auto and callbacks play it")
    plays = engine == "callbacks" or bool(why)
    if plays and why and engine == "auto":
        notes.append(f"the real callbacks are played: {why}")
    up = direction_of(compared, settings.monitors.get(compared, "auto"))
    if up is None:
        raise UsageError(
            "--with",
            f"whether {compared} is to rise or to fall is not known; say it with mode: min or max",
        )
    part = _part(len(curves), *shard)
    start = time.perf_counter()
    told = _fingerprint(curves, settings, compared, seed, audit, plays)
    kept = KeptChunks(None if keep is None else Path(keep), f"{told} {part}")
    try:
        decided = _decided(curves, settings, part, plays, jobs, kept, progress, notes)
    except WorkersDiedError as error:
        raise UsageError("--jobs", f"{error}; --jobs 1 names what ends Python") from None
    seconds = time.perf_counter() - start
    drawn = [] if plays else drawn_cells(len(curves) * len(settings), audit, seed)
    judged = list(audited(curves, settings, decided, drawn, part))
    came_of_it = decided.epochs, decided.stopped, decided.other_rates_from != NEVER
    del decided  # of which the answers need no more, and have as much
    cells = cells_of(curves.part(part.start, part.stop), *came_of_it, compared, up)
    return SweepResult(
        Answers(cells, compared, up, settings.lists, settings.varied, seed),
        "callbacks" if plays else "vectorised",
        len(judged),
        tuple(one for one in judged if one is not None),
        seconds,
        time.perf_counter() - start - seconds,
        tuple(notes),
        shard,
        told,
        budget,
        lose_at_most,
        kept,
    )


def _read(
    sources: Sequence[Source],
    columns: Columns,
    settings: SweptSettings,
    monitor: str | None,
    trust: Trust,
) -> tuple[CurveArrays, str, list[str]]:
    """The curves that can be answered for, the metric they are compared by, and notes."""
    read = read_sources(sources, columns, trust)
    metrics = list(settings.monitors)
    if monitor is not None:
        check_monitor(monitor, dict.fromkeys(n for c in read.curves for n in c.metrics))
        metrics += [monitor] if monitor not in metrics else []
    compared = monitor or _compared(settings, read.curves)
    found = with_metrics(read, [*metrics, *([compared] if compared not in metrics else [])])
    return as_arrays(found.curves), compared, list(found.notes)


def _decided(
    curves: CurveArrays,
    settings: SweptSettings,
    part: slice,
    plays: bool,
    jobs: int | None,
    kept: KeptChunks,
    progress: Progress,
    notes: list[str],
) -> Outcomes:
    directions = {
        (name, mode): up
        for name in settings.monitors
        for mode in ("auto", "min", "max")
        if (up := direction_of(name, mode)) is not None
    }
    chunks = list(cut(curves, settings, part, directions, arithmetic(), plays=plays))
    progress.begin(sum(chunk.cells for chunk in chunks))
    alone = len(chunks) == 1  # and then its outcome is everything
    decided = empty(0 if alone else len(settings), curves.part(part.start, part.stop))
    left = []
    for chunk in chunks:
        before = kept.read(chunk)
        if before is None:
            left.append(chunk)
        else:
            decided = _with(decided, chunk, before, part)
            progress.advance(chunk.cells)
    keeps = not alone  # which has nothing to lose
    for place, outcomes in in_bulk(decide, left, jobs):
        decided = _with(decided, left[place], outcomes, part)
        if keeps:
            try:
                kept.write(left[place], outcomes)
            except UnwritableError as error:
                keeps = False
                notes.append(f"what is finished is not kept: {error}")
        progress.advance(left[place].cells)
    return decided


def _with(decided: Outcomes, chunk: Chunk, outcomes: Outcomes, part: slice) -> Outcomes:
    if not decided.epochs.size:
        return outcomes
    settings, columns = chunk.at
    decided.put(settings, slice(columns.start - part.start, columns.stop - part.start), outcomes)
    return decided


def _part(curves: int, number: int, of: int) -> slice:
    """The curves of a shard, as equal in number as they can be."""
    if of > curves:
        raise UsageError("--shard", f"{number}/{of}: there are {curves} curves to share")
    return slice(curves * (number - 1) // of, curves * number // of)


def _compared(settings: SweptSettings, curves: Sequence[Any]) -> str:
    if settings.monitors:
        return next(iter(settings.monitors))
    names = dict.fromkeys(name for curve in curves for name in curve.metrics)
    return next((name for name in ("val_loss", "loss") if name in names), next(iter(names)))


def _check_numbers(
    audit: int, shard: tuple[int, int], budget: float | None, lose_at_most: float | None
) -> None:
    if audit < 0:
        raise UsageError("--audit", f"0 or more cells, not {audit}")
    if not 1 <= shard[0] <= shard[1]:
        raise UsageError("--shard", f"the first of three is 1/3, not {shard[0]}/{shard[1]}")
    for name, share in (("--budget", budget), ("--lose-at-most", lose_at_most)):
        if share is not None and not 0 <= share <= 1:
            raise UsageError(name, f"0 % to 100 %, not {share:.6g} times all")


def _fingerprint(
    curves: CurveArrays, settings: SweptSettings, monitor: str, seed: int, audit: int, plays: bool
) -> str:
    """What a sweep depends on, in short: whose parts go together, and go on."""
    about: Mapping[str, Any] = {
        "dryfit": version("dryfit"),
        "keras": keras.__version__,
        "curves": curves.fingerprint,
        "settings": settings.lists,
        "sources": settings.sources(),
        "monitor": monitor,
        "seed": seed,
        "audit": audit,
        "plays": plays,
    }
    return sha256(repr(about).encode()).hexdigest()[:32]
