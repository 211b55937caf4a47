"""What callbacks cost per batch, and which of their hooks: measured turn by turn with nothing.

A round times the batches of one epoch without the callback, then with it, in the
same process; the difference of what they take undisturbed is what the callback adds.
Hooks are timed one by one in rounds of their own, beside the same hooks of a
callback that does nothing.
"""

import math
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dryfit.lanes.interrupts import came
from dryfit.scenario.construct import ConstructionError
from dryfit.tools.bench.bench_targets import Target
from dryfit.tools.bench.cost import Cost
from dryfit.tools.bench.counts import count, hooks
from dryfit.tools.bench.estimate import Estimate, difference
from dryfit.tools.bench.growth import grow
from dryfit.tools.bench.hook_costs import hook_costs, in_a_batch
from dryfit.tools.bench.loop import PARTS, FrozenTimeError, Lap, Loop, somewhere_else
from dryfit.tools.bench.measure_settings import FEWEST_ROUNDS, MOST_ROUNDS, MeasureSettings
from dryfit_fakes.backend import keras
from dryfit_fakes.protocols import Logs
from dryfit_fakes.quantities import quantity
from dryfit_fakes.strict import NotOfferedError

_FEWEST = 10
_COUNTED, _TRIED = 200, 20
_WAITS, _WAITS_NS = 0.5, 10_000.0
_PART_NS = 500_000  # short enough to be undisturbed now and then on a busy machine
# On a busy machine an answer is given only where it is this sure.
_KNOWN, _SURE, _SURE_NS = 0.9, 0.1, 300.0
_USUAL = MeasureSettings()


class Noop(keras.callbacks.Callback):  # type: ignore[misc]
    """Has the batch hooks of training, and they do nothing."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Do nothing."""

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Do nothing."""


class NotMeasuredError(Exception):
    """A callback that cannot be measured, and why."""


def measure(targets: Sequence[Target], settings: MeasureSettings = _USUAL) -> Iterator[Cost]:
    """Measure callbacks one by one; each costs as a whole, then its hooks, costliest first.

    Raises:
        FrozenTimeError: the clock is frozen.
    """
    with somewhere_else():
        noop = Rounds(Loop(), Noop, settings).run()
    for target in targets:
        with somewhere_else(), target.place():
            costs = _measured(target, settings, noop.estimate.value)
        yield from costs  # outside: what is printed now is to be seen


def _measured(target: Target, settings: MeasureSettings, noop_ns: float) -> list[Cost]:
    try:
        return costs_of(target, settings, noop_ns)
    except FrozenTimeError:
        raise
    except KeyError as error:
        if (key := _metric(error)) and key not in target.metrics:
            wider = replace(target, metrics=(*target.metrics, key))
            whole, *by_hook = _measured(wider, settings, noop_ns)
            return [replace(whole, note=_joined(whole.note, f"with {key!r} in its logs")), *by_hook]
        why = f"it raised {type(error).__name__}{_where(error)}: {_first_line(error)}"
    except (NotMeasuredError, ConstructionError) as error:
        why = str(error)
    except BaseException as error:
        if came():
            raise
        why = f"it raised {type(error).__name__}{_where(error)}: {_first_line(error)}"
    return [Cost(callback=target.name, note=f"not measured: {why}")]


def costs_of(
    target: Target,
    settings: MeasureSettings,
    noop_ns: float,
    run: Callable[["Rounds"], Any] | None = None,
) -> list[Cost]:
    """Measure one callback as a whole, then its hooks, costliest first.

    Args:
        target: what to measure.
        settings: how.
        noop_ns: what a callback costs that does nothing.
        run: runs the rounds, if they are not just to be run.

    Raises:
        NotMeasuredError: the callback stops training at once.
        BaseException: whatever comes out of it.
    """
    if target.lend is None:
        try:
            loop = Loop(target.metrics)
            loop.fit([target.make()], _TRIED)
            if not loop.uses_weights:  # a script's are a few numbers, and cost next to nothing
                return list(_costs(target, loop, settings, noop_ns, run))
        except NotOfferedError:
            pass
    try:
        loop = Loop(target.metrics, target.lend or small_model)
    except ConstructionError as error:  # the model's fault, and not the callback's
        raise NotMeasuredError(str(error)) from error
    costs = list(_costs(target, loop, settings, noop_ns, run))
    note = "with a real model lent to it" if target.lend is None else "with the model given"
    costs[0] = replace(costs[0], note=_joined(costs[0].note, note))
    return costs


def _metric(error: KeyError) -> str:
    """The metric that a callback may have asked its logs for."""
    key = error.args[0] if error.args else None
    is_name = isinstance(key, str) and key.replace("/", "").isidentifier()
    return str(key) if is_name else ""


def _where(error: BaseException) -> str:
    """The hook that an exception came out of."""
    names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    return next((f" in {name}" for name in reversed(names) if name in set(hooks())), "")


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def _joined(*notes: str) -> str:
    return "; ".join(filter(None, notes))


def small_model() -> Any:
    """Make the smallest model that trains, for callbacks that need a real one."""
    from dryfit.lanes.networks import small_network

    return small_network()[0]


def _costs(
    target: Target, loop: Loop, settings: MeasureSettings, noop_ns: float, run: Any
) -> Iterator[Cost]:
    rounds = Rounds(loop, target.make, settings)
    if run is not None:
        run(rounds)
    found = rounds.run()
    by_hook = hook_costs(loop, target.make, settings, rounds.batches)
    # Not over a round's batches: how many those are, the machine's speed decides.
    counts = count(loop, target.make, min(_COUNTED, settings.batches))
    between = [e for hook, e in by_hook.items() if not in_a_batch(hook)]
    whole = _sum([found.estimate, *between])
    busy = found.busy or _contradicts(found, by_hook)
    growth, grown = _growth(loop, target, settings)
    if busy:
        by_hook = {}
    yield Cost(
        callback=target.name,
        **({} if busy else _times(whole, settings)),
        ratio_to_noop=None if busy or not noop_ns > 0 else whole.value / noop_ns,
        allocations_per_batch=round(counts.blocks, 1),
        bytes_held_per_batch=round(counts.bytes_held, 1),
        files_written=counts.files,
        bytes_written_per_batch=counts.bytes_written,
        log_reads_per_batch=counts.log_reads,
        growth=growth,
        too_busy=busy,
        note=_joined(found.said_if(busy), found.note, grown),
    )
    for hook, estimate in sorted(by_hook.items(), key=lambda item: -item[1].value):
        yield Cost(callback=target.name, hook=hook, **_times(estimate, settings))


def _growth(loop: Loop, target: Target, settings: MeasureSettings) -> tuple[str | None, str]:
    """Look for what grows; what breaks in so long a run is the loss of this column alone."""
    if not settings.growth:
        return None, ""
    try:
        growth = grow(loop, target.make, settings.budget_s)
    except BaseException as error:
        if came():
            raise
        return None, f"growth unknown: {type(error).__name__}{_where(error)}: {_first_line(error)}"
    return _grows(growth.time_grows or growth.memory_grows), growth.told


def _times(estimate: Estimate, settings: MeasureSettings) -> dict[str, Any]:
    step = settings.step_ns
    return {
        "ns_per_batch": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "share_of_step": None if step is None else estimate.value / step,
    }


def _grows(grows: bool) -> str:
    return "grows" if grows else "flat"


def _sum(estimates: Sequence[Estimate]) -> Estimate:
    return Estimate(*(sum(getattr(e, end) for e in estimates) for end in ("value", "low", "high")))


@dataclass(frozen=True, slots=True)
class Found:
    """What rounds came to.

    Attributes:
        estimate: nanoseconds per batch.
        disturbed: the share of the parts with the callback in which other work was in the way.
        note: what to say of them.
    """

    estimate: Estimate
    disturbed: float
    note: str

    @property
    def busy(self) -> bool:
        """Whether other work left too little to tell from."""
        found = self.estimate
        if found.known < _KNOWN:
            return True
        unsure = (found.high - found.low) / 2 > max(_SURE * abs(found.value), _SURE_NS)
        return self.disturbed > 0 and (unsure or found.value < -_SURE_NS)

    def said_if(self, busy: bool) -> str:
        """Say that, and how much was in the way."""
        if not busy:
            return ""
        return (
            f"too busy to tell: other work took the processor in {self.disturbed:.0%} of the parts"
        )


def _contradicts(found: Found, by_hook: dict[str, Estimate]) -> bool:
    """Whether hooks take more than all of the callback, which other work alone explains."""
    hooks_low = sum(estimate.low for hook, estimate in by_hook.items() if in_a_batch(hook))
    return found.disturbed > 0 and not hooks_low <= found.estimate.high


class Rounds:
    """Rounds of one epoch's batches, without the callback and with it, in turns.

    Args:
        loop: where they run.
        make: makes the callback, anew for each round.
        settings: how many batches, and for how long.

    Attributes:
        batches: how many a round has: fewer than asked for where they take too
            long, or where the callback stops training.
    """

    def __init__(self, loop: Loop, make: Callable[[], Any], settings: MeasureSettings) -> None:
        self._loop, self._make = loop, make
        few = loop.lap([make()], min(50, settings.batches))  # also warms up
        affordable = settings.budget_s * 1e9 / FEWEST_ROUNDS / max(few.ns, 1) * few.batches
        asked = max(_FEWEST, min(settings.batches, int(affordable)))
        trial = loop.lap([make()], asked)
        self._note = self._check(trial, asked, settings.batches)
        self.batches = trial.batches
        self._parts = max(PARTS, min(trial.batches, trial.ns // _PART_NS))
        rounds = int(settings.budget_s * 1e9 / max(trial.ns, 1))
        self.count = max(FEWEST_ROUNDS, min(MOST_ROUNDS, rounds))
        self._base: list[Lap] = []
        self._full: list[Lap] = []

    def _check(self, trial: Lap, asked: int, wanted: int) -> str:
        if trial.batches < asked:
            if trial.batches < _FEWEST:
                raise NotMeasuredError(
                    f"it stops training after {quantity(trial.batches, 'batch')}, and a "
                    f"measurement needs {_FEWEST}"
                )
            return f"stops training after {quantity(trial.batches, 'batch')}"
        return "" if asked == wanted else f"measured over {asked:,} batches an epoch"

    def base(self) -> None:
        """Run a round's batches without the callback."""
        self._base.append(self._loop.lap([], self.batches, self._parts))

    def full(self) -> None:
        """Run them with it."""
        self._full.append(self._loop.lap([self._make()], self.batches, self._parts))

    def run(self) -> Found:
        """Run the rounds that are left, and say what they came to, per batch."""
        for _ in range(len(self._full), self.count):
            self.base()
            self.full()
        found = difference(_undisturbed(self._base), _undisturbed(self._full))
        parts = [part for lap in self._full for part in lap.parts]
        disturbed = sum(part.disturbed for part in parts) / len(parts)
        return Found(found, disturbed, _joined(self._note, waits(self._full, found.value)))


def waits(laps: Sequence[Lap], value: float) -> str:
    """Say how much of its time, in ns a batch, a callback sleeps, if that is most of it.

    >>> from dryfit.tools.bench.stopwatch import Span
    >>> waits([Lap((Span(40_000, 4_000, False, True),), 2)], 20_000.0)
    'sleeps or waits 90% of its time'
    >>> waits([Lap((Span(40_000, 4_000, True, False),), 2)], 20_000.0)
    ''
    """
    asleep = [
        sum(part.ns - part.cpu_ns for part in lap.parts if part.slept) / lap.batches for lap in laps
    ]
    waiting = sorted(asleep)[len(asleep) // 2]
    if not (waiting > _WAITS_NS and waiting > _WAITS * value):
        return ""
    return f"sleeps or waits {min(waiting / value, 1.0):.0%} of its time"


def _undisturbed(laps: Sequence[Lap]) -> list[list[float]]:
    """Nanoseconds per batch of each part, nan where other work was in the way."""
    return [
        [math.nan if part.disturbed else part.ns / lap.batches for part in lap.parts]
        for lap in laps
    ]
