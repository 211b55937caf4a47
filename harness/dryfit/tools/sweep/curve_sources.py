"""The curves of a sweep: files, folders and globs of whatever people recorded, in any mixture."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from glob import glob, has_magic
from pathlib import Path

from dryfit.facts.suggestions import did_you_mean
from dryfit.scenario.load import load_scenarios
from dryfit.scenario.naming import SUFFIX, SUFFIXES
from dryfit.scenario.playing import play_scenario, script_of
from dryfit.scenario.problems import Problem, ScenarioFileError
from dryfit.scenario.scenario import Scenario
from dryfit.scenario.trust import USUAL, Trust
from dryfit.scenario.usage import UsageError
from dryfit.tools.record.readers.logged_curve import LoggedCurve
from dryfit.tools.record.readers.reading import read_curves
from dryfit.tools.sweep.curve_arrays import SweptCurve, with_rates

# In a folder; a file that is named is read whatever it is called.
_SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".log", ".npz", ".parquet", ".pq")
_EVENTS = "events.out.tfevents"
_SHOWN = 3


@dataclass(frozen=True)
class Columns:
    """What a table of many curves calls its columns."""

    curve: str = "curve"
    epoch: str = "epoch"


@dataclass
class ReadCurves:
    """What was read.

    Attributes:
        curves: with ids that differ.
        notes: what was left out or taken for granted, and how often.
    """

    curves: list[SweptCurve] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_sources(
    sources: Sequence[str | os.PathLike[str]], columns: Columns = Columns(), trust: Trust = USUAL
) -> ReadCurves:
    """Read every curve of some files, folders and globs.

    Raises:
        UsageError: a glob or a folder has nothing to read, or there is no curve in all of it.
        ScenarioFileError: a file that was named cannot be read.
    """
    found = ReadCurves()
    notes: Counter[str] = Counter()
    refused: list[str] = []
    named: list[tuple[Path, SweptCurve]] = []
    for path, must in _files(sources):
        try:
            curves, told = _read(path, columns, trust)
        except ScenarioFileError as error:
            if must:
                raise
            refused.append(str(error))
            continue
        named += [(path, curve) for curve in curves]
        notes.update(told)
    found.curves = _told_apart(named)
    found.notes = [
        f"{note} ({count} curves)" if count > 1 else note for note, count in notes.items()
    ]
    if refused:
        shown = "; ".join(refused[:_SHOWN]) + ("; ..." if len(refused) > _SHOWN else "")
        found.notes.append(f"{len(refused)} files could not be read: {shown}")
    if not found.curves:
        why = f": {found.notes[-1]}" if refused else ""
        raise UsageError("SOURCE", f"no curve in {', '.join(map(str, sources))}{why}")
    return found


def with_metrics(found: ReadCurves, monitors: Sequence[str]) -> ReadCurves:
    """Keep the curves that can be answered for: more than one epoch, and all that is monitored.

    Raises:
        UsageError: none is left.
    """
    have = [curve for curve in found.curves if curve.epochs > 1]
    notes = list(found.notes)
    if short := [curve.id for curve in found.curves if curve.epochs <= 1]:
        notes.append(_left_out(short, "of one epoch"))
    for monitor in monitors:
        kept = [c for c in have if any(value is not None for value in c.metrics.get(monitor, ()))]
        if len(kept) < len(have):
            ids = {curve.id for curve in kept}
            notes.append(_left_out([c.id for c in have if c.id not in ids], f"without {monitor}"))
        if have and not kept:
            names = sorted({name for curve in have for name in curve.metrics})
            hint = did_you_mean(monitor, names) or "."
            raise UsageError("--with", f"no curve has {monitor}{hint} They have {', '.join(names)}")
        odd = [c.id for c in kept if any(v is not None and v != v for v in c.metrics[monitor])]
        if odd:
            notes.append(f"{_counted(odd)} with nan in {monitor}: {_few(odd)}")
        have = kept
    if not have:
        raise UsageError("SOURCE", "; ".join(notes))
    return ReadCurves(have, notes)


def _left_out(ids: Sequence[str], why: str) -> str:
    return f"left out: {_counted(ids)} {why}: {_few(ids)}"


def _counted(ids: Sequence[str]) -> str:
    return f"{len(ids):,} curve{'s' * (len(ids) != 1)}"


def _few(ids: Sequence[str]) -> str:
    return ", ".join(ids[:_SHOWN]) + (", ..." if len(ids) > _SHOWN else "")


def _files(sources: Sequence[str | os.PathLike[str]]) -> Iterator[tuple[Path, bool]]:
    """Every file, or folder of TensorBoard's, and whether it was named; each of them once."""
    seen: set[Path] = set()
    for source in [os.fspath(source) for source in sources]:
        is_glob = has_magic(source) and not os.path.lexists(source)
        paths = [Path(name) for name in sorted(glob(source, recursive=True))] if is_glob else []
        if is_glob and not paths:
            raise UsageError("SOURCE", f"{source}: no file has such a name")
        for path in paths or [Path(source)]:
            for file in _under(path) if path.is_dir() else [path]:
                if file.resolve() not in seen:
                    seen.add(file.resolve())
                    yield file, not path.is_dir()


def _under(folder: Path) -> Iterator[Path]:
    files = []
    for place, _, names in os.walk(folder):
        if any(_EVENTS in name for name in names):
            files.append(folder)  # which is read as a whole: train and validation are one curve
        files += [Path(place, name) for name in names if name.endswith((*SUFFIXES, *_SUFFIXES))]
    if not files:
        raise UsageError(
            "SOURCE",
            f"{folder}: no recordings in this folder; they end in {SUFFIX}, "
            f"{', '.join(_SUFFIXES)}, or are TensorBoard's event files",
        )
    yield from sorted(set(files))


def _read(path: Path, columns: Columns, trust: Trust) -> tuple[list[SweptCurve], list[str]]:
    if path.name.endswith(SUFFIXES):
        return [curve_of(s) for s in load_scenarios(path, unfinished=True, trust=trust)], []
    logged = read_curves(path, curve_column=columns.curve, epoch_column=columns.epoch)
    notes = [note for curve in logged for note in curve.notes]
    return [_of_log(curve) for curve in logged], notes


def _of_log(curve: LoggedCurve) -> SweptCurve:
    made = with_rates(curve.id, curve.first_epoch, curve.metrics)
    if not made.metrics:
        return replace(made, metrics=curve.metrics)
    return made


def curve_of(scenario: Scenario) -> SweptCurve:
    """What a recording of one ``fit`` reported; what it decided only says whether it is whole."""
    if len(scenario.calls) != 1 or scenario.calls[0].method != "fit":
        message = "a sweep takes recordings of one fit"
        raise ScenarioFileError([Problem(scenario.file, 1, "calls", message)])
    (call,) = scenario.calls
    assert call.keys is not None
    script = script_of(scenario, call.keys, Path())
    if script.batch_metrics or script.batch_logs:
        (played,) = play_scenario(
            replace(scenario, callbacks=()), "fake", record_batches=False, read_files=False
        )
        assert played.run is not None
        logs = {h.epoch: h.logs for h in played.run.hooks if h.name == "on_epoch_end"}
    else:
        epochs = range(script.initial_epoch, script.epochs)
        logs = {
            e: {n: v for n in script.metrics if (v := script.value(n, e)) is not None}
            for e in epochs
        }
    told = [epoch for epoch, row in logs.items() if row and epoch is not None]
    if not told:
        message = "no epoch has a value: nothing to play again"
        raise ScenarioFileError([Problem(scenario.file, 1, "script", message)])
    last = max(told)
    names = dict.fromkeys(name for row in logs.values() for name in row)
    epochs = range(script.initial_epoch, last + 1)
    metrics = {name: tuple(logs[e].get(name) for e in epochs) for name in names}
    stopped = getattr(call.expect, "stopped", None)
    ended_early = stopped not in (None, "never") or last + 1 < script.epochs
    rates = _recorded_rates(scenario, len(epochs))
    begins = rates[0] if rates else script.learning_rate
    return SweptCurve(
        scenario.name,
        script.initial_epoch,
        metrics,
        rates,
        begins if isinstance(begins, float | int) else None,
        not ended_early and script.interrupt is None,
    )


def _recorded_rates(scenario: Scenario, epochs: int) -> tuple[float | None, ...]:
    """The rates that the file says were in force, if it does."""
    series = getattr(scenario.calls[0].expect, "learning_rate", None)
    keys = scenario.calls[0].keys
    series = series if series is not None else getattr(keys, "rates", None)
    if series is None or not hasattr(series, "at"):
        return ()
    try:
        values = [series.at(epoch) for epoch in range(epochs)]
    except IndexError:
        return ()
    return tuple(v if isinstance(v, float | int) else None for v in values)


def _told_apart(named: Sequence[tuple[Path, SweptCurve]]) -> list[SweptCurve]:
    """Give each curve an id of its own: its name, and its file's where that is not enough."""
    in_file = Counter(path for path, _ in named)
    alone = [path.name if in_file[path] == 1 and c.id.isdecimal() else c.id for path, c in named]
    often = Counter(alone)
    seen: Counter[str] = Counter()
    made = []
    for (path, curve), own in zip(named, alone, strict=True):
        told = own
        if often[own] > 1:
            told = str(path) if in_file[path] == 1 else f"{path} {curve.id}"
        seen[told] += 1
        made.append(replace(curve, id=told if seen[told] == 1 else f"{told}#{seen[told]}"))
    return made
