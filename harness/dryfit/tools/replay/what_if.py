"""What other settings would have decided on a recorded curve.

The recorded numbers are played again, once for each setting, and the decisions
stand beside those of the recording. The numbers stay as they were: a recorded
curve does not change when the rate does, nor does it go on past its end.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dryfit.facts.comparing import Comparing
from dryfit.facts.suggestions import did_you_mean
from dryfit.run.run import Run
from dryfit.run.timeline_events import Change
from dryfit.scenario.alternatives import (
    Item,
    callback_class,
    combinations,
    read_alternatives,
    varied_arguments,
)
from dryfit.scenario.construct import importable
from dryfit.scenario.playing import Played, play_scenario, script_of
from dryfit.scenario.problems import Problem, ScenarioFileError
from dryfit.scenario.scenario import Scenario
from dryfit.scenario.schema import InterruptKeys
from dryfit.scenario.usage import UsageError
from dryfit_fakes.backend import keras
from dryfit_fakes.metrics import direction
from dryfit_fakes.script import Script
from dryfit_fakes.weights import Weights


@dataclass(frozen=True, slots=True)
class Curve:
    """What was recorded of the metric that the settings are compared by.

    Attributes:
        values: by epoch; epochs without a value are left out.
        direction: ``"up"``, ``"down"``, or ``None`` where nobody knows.
        first: the first epoch.
        last: the last epoch in which anything was recorded.
        names: every metric that was recorded.
    """

    monitor: str
    values: Mapping[int, float]
    direction: str | None
    first: int
    last: int
    names: tuple[str, ...]

    @property
    def epochs(self) -> int:
        """How many epochs were recorded."""
        return self.last - self.first + 1

    def best(self, epochs: Sequence[int] | None = None) -> tuple[int | None, float | None]:
        """The epoch and the value of the best in some epochs, or in all; nan is none."""
        known = [
            (epoch, value)
            for epoch, value in self.values.items()
            if value == value and (epochs is None or epoch in epochs)
        ]
        if not known or self.direction is None:
            return None, None
        sign = -1 if self.direction == "up" else 1
        return min(known, key=lambda point: (sign * point[1], point[0]))


@dataclass(frozen=True, slots=True)
class Row:
    """What one setting decides.

    Attributes:
        asked: the callbacks asked for, with this row's arguments; none in the row
            of the recording as it is.
        varied: the arguments that tell this row from the others.
        curve: what was recorded, the same in all rows.
        error: what the callbacks raised; nothing else is told then.
        stopped: who stopped training and when, ``None`` if nobody did.
        goes_on: whether training would have gone on past what was recorded.
        best: the best value in the epochs that ran, ``None`` if unknown.
        worse_by: how far that is from the best of the whole curve.
        epochs_saved: against the recording; ``None`` if the row goes on.
        weights: whose weights the model ends with; ``None`` if the row goes on.
        reductions: every change to a lower rate.
        other_rates_from: the first epoch with another rate than in the recording.
    """

    asked: tuple[Item, ...]
    varied: Mapping[str, Any]
    curve: Curve
    error: str = ""
    stopped: Change | None = None
    goes_on: bool = False
    epochs_run: int | None = None
    best: float | None = None
    best_epoch: int | None = None
    worse_by: float | None = None
    epochs_saved: int | None = None
    weights: Weights | None = None
    reductions: tuple[Change, ...] = ()
    other_rates_from: int | None = None


def what_if(scenario: Scenario, items: Sequence[str], monitor: str | None = None) -> list[Row]:
    """Play a recorded curve to other settings.

    Args:
        scenario: a recording of one ``fit``.
        items: callbacks as in a file's ``callbacks``, such as ``"EarlyStopping:
            {patience: 1..4}"``. Arguments go over those that the file has for the
            first callback of the class; a class that is not there is added at the
            end. ``1..4`` and ``min|max`` are alternatives, and every combination is
            played.
        monitor: the metric to compare by; by default the one that the first item
            monitors.

    Returns:
        The recording as it is, and a row for each combination.

    Raises:
        UsageError: an item or `monitor` is not what it should be.
        ScenarioFileError: the file is no recording of one ``fit``.
    """
    if len(scenario.calls) != 1 or scenario.calls[0].method != "fit":
        raise _refused(scenario.file, "calls", "what-if takes a recording of one fit")
    if scenario.ranks > 1:
        raise _refused(scenario.file, "script.ranks", "what-if takes a recording of one rank")
    asked = [read_alternatives(text) for text in items]
    settings = list(combinations(asked))
    own = importable(scenario.file.parent) if scenario.trust.imports else nullcontext()
    with own:
        for item in asked:
            _check_name(item.name, [name for name, _ in scenario.callbacks])
        kinds = [item.kind(scenario.trust) for item in asked]
        scenario, logs, bare = _recorded(scenario)
        unchanged = _play(scenario, scenario.callbacks)
        slots = _slots(scenario.callbacks, kinds)
        lists = [_merged(scenario.callbacks, slots, s) for s in settings]
        plays = _plays(scenario, lists, slots, kinds)
    runs = [played.run for played in (unchanged, *plays) if played.run is not None]
    _add_writes(logs, runs)
    curve = _curve(logs, [*runs[1:], *runs[:1]], slots, monitor)
    varied = varied_arguments(asked)
    before = _merged(scenario.callbacks, slots, [(item.name, {}) for item in asked])
    recorded = None if unchanged.error is not None or unchanged.run is None else unchanged.run
    source = bare if _tells_rates(scenario) else recorded
    in_force = {} if source is None else _in_force(source)
    rows = [
        _row((), varied([before[slot] for slot in slots]), curve, unchanged, recorded, in_force)
    ]
    for setting, played in zip(settings, plays, strict=True):
        rows.append(_row(setting, varied(setting), curve, played, recorded, in_force))
    return rows


def _check_name(name: str, there: Sequence[str]) -> None:
    """Refuse the class of a callback of the file where its module is left out."""
    named = [known for known in there if known.endswith(f":{name}")]
    if named and ":" not in name:
        raise UsageError("CALLBACK", f"{name}: did you mean {named[0]!r}, as the file has it?")


def _refused(file: Path, key: str, message: str) -> ScenarioFileError:
    return ScenarioFileError([Problem(file, 1, key, message)])


def _recorded(scenario: Scenario) -> tuple[Scenario, dict[int, dict[str, Any]], Run]:
    """Find what was reported by epoch, and the run without callbacks.

    What goes on after the last of it is broken off from here on.
    An interrupt of the file's own ends the recording, and no setting is to blame for it.
    """
    bare = _play(scenario, ()).run
    assert bare is not None  # no callback, so none that cannot be constructed
    logs = {hook.epoch: hook.logs for hook in bare.hooks if hook.name == "on_epoch_end"}
    last = max((epoch for epoch in bare.epochs if logs[epoch]), default=None)
    if last is None:
        raise _refused(scenario.file, "script", "no epoch has a value: nothing to play again")
    (call,) = scenario.calls
    if call.keys is not None:
        goes_on = last + 1 < _script(scenario).epochs
        end = InterruptKeys.model_construct(epoch=last + 1) if goes_on else None
        call = replace(call, keys=call.keys.model_copy(update={"interrupt": end}))
    recorded = {epoch: logs[epoch] for epoch in bare.epochs if epoch <= last}
    return replace(scenario, calls=(call,)), recorded, bare


def _play(scenario: Scenario, callbacks: Sequence[Item]) -> Played:
    scenario = replace(scenario, callbacks=tuple(callbacks))
    (played,) = play_scenario(scenario, "fake", record_batches=False)
    return played


def _slots(callbacks: Sequence[Item], kinds: Sequence[Any]) -> list[int]:
    """Where in the list callbacks of some kinds go: over the first of a kind, or to the end."""
    there = [callback_class(name, {}) for name, _ in callbacks]
    slots: list[int] = []
    for kind in kinds:
        free = [i for i, other in enumerate(there) if other is kind and i not in slots]
        slots.append(free[0] if free else len(there))
        there += [] if free else [kind]
    return slots


def _merged(callbacks: Sequence[Item], slots: list[int], items: Sequence[Item]) -> list[Item]:
    merged = list(callbacks)
    for slot, (name, arguments) in zip(slots, items, strict=True):
        if slot == len(merged):
            merged.append((name, {}))
        merged[slot] = (merged[slot][0], {**merged[slot][1], **arguments})
    return merged


def _add_writes(logs: dict[int, dict[str, Any]], runs: list[Run]) -> None:
    """Add what callbacks write into the logs of the epochs' ends, beside what was reported."""
    for run in runs:
        for write in run.log_writes:
            own = write.hook == "on_epoch_end" and write.key != "learning_rate"
            if own and write.epoch in logs and isinstance(write.new, int | float):
                logs[write.epoch].setdefault(write.key, write.new)


def _curve(
    logs: dict[int, dict[str, Any]], runs: list[Run], slots: list[int], monitor: str | None
) -> Curve:
    names = tuple(dict.fromkeys(name for row in logs.values() for name in row))
    if monitor is not None and monitor not in names:
        hint = did_you_mean(monitor, names) or "."
        message = f"{monitor}: no such metric{hint} The recording has {', '.join(names)}"
        raise UsageError("--monitor", message)
    told = [pair for run in runs for pair in _monitors(run, slots)]
    if monitor is None:
        monitor = told[0][0] if told else "val_loss" if "val_loss" in names else names[0]
    mode = next((mode for name, mode in told if name == monitor), "auto")
    name = monitor.removeprefix("val_")
    known = "down" if name == "loss" else direction(name, runs[0].model.script) if runs else None
    way = {"min": "down", "max": "up"}.get(mode, known)
    values = {epoch: row[monitor] for epoch, row in logs.items() if monitor in row}
    return Curve(monitor, values, way, min(logs), max(logs), names)


def _monitors(run: Run, slots: list[int]) -> Iterator[tuple[str, str]]:
    """What callbacks monitor and in which mode, those asked for first."""
    state = run.state
    places = [*slots, *(i for i in range(len(run.callbacks)) if i not in slots)]
    for name in [run.callbacks[i] for i in places if i < len(run.callbacks)]:
        if isinstance(monitor := state.get(f"{name}.monitor", [None])[-1], str):
            yield monitor, str(state.get(f"{name}.mode", ["auto"])[-1])


def _row(
    asked: tuple[Item, ...],
    varied: dict[str, Any],
    curve: Curve,
    played: Played,
    recorded: Run | None,
    in_force: Mapping[int, Any],
) -> Row:
    run = played.run
    if run is None or played.error is not None:
        error = f"{type(played.error).__name__}: {played.message}".removesuffix(": ")
        return Row(asked, varied, curve, error=error)
    stopped = run.stopped
    if stopped is not None and (stopped.epoch or 0) > curve.last:
        stopped = None
    # A recording that was stopped in its last epoch says no more than one that ends there.
    ends = recorded is not None and recorded.stopped_epoch == curve.last
    goes_on = stopped is None and (run.interrupt is not None or ends)
    best_epoch, best = curve.best(run.epochs)
    _, best_of_all = curve.best()
    return Row(
        asked,
        varied,
        curve,
        stopped=stopped,
        goes_on=goes_on,
        epochs_run=run.epochs_run,
        best=best,
        best_epoch=best_epoch,
        worse_by=None if best is None or best_of_all is None else _distance(best, best_of_all),
        epochs_saved=None if goes_on else curve.epochs - run.epochs_run,
        weights=None if goes_on else run.weights,
        reductions=tuple(c for c in run.reductions if c.by and (c.epoch or 0) <= curve.last),
        other_rates_from=_other_rates_from(run, in_force),
    )


def _distance(value: float, other: float) -> float:
    return 0.0 if value == other else abs(value - other)  # also where both are inf


def _plays(
    scenario: Scenario, lists: Sequence[Sequence[Item]], slots: list[int], kinds: Sequence[Any]
) -> list[Played]:
    """Play every list; where those asked for set the rate, they set all of it.

    The file's own rates are somebody else's doing then, in whose place they stand.
    """
    (call,) = scenario.calls
    if call.keys is None or not _tells_rates(scenario) or isinstance(call.keys.rates, dict):
        return [_play(scenario, callbacks) for callbacks in lists]
    keys = call.keys
    begins = _script(scenario).learning_rate
    without = keys.model_copy(update={"rates": None, "learning_rate": begins})
    alone = replace(scenario, calls=(replace(call, keys=without),))
    plays = [_play(alone, callbacks) for callbacks in lists]
    setters = (keras.callbacks.ReduceLROnPlateau, keras.callbacks.LearningRateScheduler)
    known = any(isinstance(kind, type) and issubclass(kind, setters) for kind in kinds)
    if known or any(played.run is not None and _sets(played.run, slots) for played in plays):
        return plays
    return [_play(scenario, callbacks) for callbacks in lists]


def _tells_rates(scenario: Scenario) -> bool:
    keys = scenario.calls[0].keys
    return keys is not None and keys.rates is not None


def _script(scenario: Scenario) -> Script:
    keys = scenario.calls[0].keys
    assert keys is not None
    return script_of(scenario, keys, Path())


def _sets(run: Run, slots: list[int]) -> bool:
    """Whether one of those asked for sets the rate."""
    asked = {run.callbacks[slot] for slot in slots if slot < len(run.callbacks)}
    return any(change.by in asked for change in run.changes)


def _in_force(run: Run) -> dict[int, tuple[Any, ...]]:
    """The rates of each epoch's batches, one where they are all the same."""
    rates = (rate if isinstance(rate, tuple) else (rate,) for rate in run.rates)
    return {epoch: _merged_rates(row) for epoch, row in zip(run.epochs, rates, strict=True)}


def _merged_rates(rates: tuple[Any, ...]) -> tuple[Any, ...]:
    return rates[:1] if len(set(rates)) == 1 else rates


def _other_rates_from(run: Run, recorded: Mapping[int, Any]) -> int | None:
    mine = _in_force(run)
    return next((e for e, rates in mine.items() if not _alike(rates, recorded.get(e, rates))), None)


def _alike(rates: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    """Whether two epochs have the same rates, as exactly as a log writes them."""
    how = Comparing()
    pairs = zip(rates, others, strict=False)
    return len(rates) == len(others) and all(how.same(rate, other) for rate, other in pairs)
