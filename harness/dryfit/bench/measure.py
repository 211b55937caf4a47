"""What callbacks cost per batch, and which of their hooks: measured turn by turn with nothing.

A round times the batches of one epoch without the callback, then with it, in the
same process; the difference of what they take undisturbed is what the callback adds.
Hooks are timed one by one in rounds of their own, beside the same hooks of a
callback that does nothing.
"""

import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from dryfit.bench.counts import count, hooks
from dryfit.bench.estimate import Estimate, difference
from dryfit.bench.growth import grow
from dryfit.bench.loop import FrozenTimeError, Lap, Loop, somewhere_else
from dryfit.bench.result import Cost
from dryfit.bench.targets import Target
from dryfit_fakes.backend import keras
from dryfit_fakes.dispatch import has_hook
from dryfit_fakes.strict import NotOfferedError

BATCHES = 1_000
_FEWEST, _MOST_ROUNDS, _FEWEST_ROUNDS = 10, 60, 5
_COUNTED = 200
_WAITS, _WAITS_NS = 0.5, 10_000.0


class Noop(keras.callbacks.Callback):  # type: ignore[misc]
    """Has the batch hooks of training, and they do nothing."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Do nothing."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Settings:
    """How to measure.

    Attributes:
        batches: per epoch; what happens once an epoch is spread over them.
        budget_s: about how long the rounds of one callback take.
        step_ns: how long a training step takes, to say what share a callback adds.
        growth: whether to look for what grows, in a long run.
    """

    batches: int = BATCHES
    budget_s: float = 2.0
    step_ns: float | None = None
    growth: bool = True


class NotMeasuredError(Exception):
    """A callback that cannot be measured, and why."""


def measure(targets: Sequence[Target], settings: Settings = Settings()) -> Iterator[Cost]:
    """Measure callbacks one by one; each costs as a whole, then its hooks, costliest first.

    Raises:
        FrozenTimeError: the clock is frozen.
    """
    with somewhere_else():
        noop, _ = Rounds(Loop(), Noop, settings).run()
    for target in targets:
        with somewhere_else(), target.place():
            costs = _measured(target, settings, noop.value)
        yield from costs  # outside: what is printed now is to be seen


def _measured(target: Target, settings: Settings, noop_ns: float) -> list[Cost]:
    try:
        return costs_of(target, settings, noop_ns)
    except FrozenTimeError:
        raise
    except NotMeasuredError as error:
        why = str(error)
    except Exception as error:
        why = f"it raised {type(error).__name__}{_where(error)}: {_first_line(error)}"
    return [Cost(callback=target.name, note=f"not measured: {why}")]


def costs_of(
    target: Target, settings: Settings, noop_ns: float, run: Callable[["Rounds"], Any] | None = None
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
    try:
        return list(_costs(target, Loop(target.metrics), settings, noop_ns, run))
    except NotOfferedError:
        costs = list(_costs(target, Loop(target.metrics, small_model), settings, noop_ns, run))
        costs[0] = replace(costs[0], note=_joined(costs[0].note, "with a real model lent to it"))
        return costs


def _where(error: Exception) -> str:
    """The hook that an exception came out of."""
    names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    return next((f" in {name}" for name in reversed(names) if name in set(hooks())), "")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _joined(*notes: str) -> str:
    return "; ".join(filter(None, notes))


def small_model() -> Any:
    """Make the smallest model that trains, for callbacks that need a real one."""
    from dryfit.lanes.networks import small_network

    return small_network()[0]


def _costs(
    target: Target, loop: Loop, settings: Settings, noop_ns: float, run: Any
) -> Iterator[Cost]:
    rounds = Rounds(loop, target.make, settings)
    if run is not None:
        run(rounds)
    in_batches, note = rounds.run()
    by_hook = hook_costs(loop, target.make, settings, rounds.batches)
    # Not over a round's batches: how many those are, the machine's speed decides.
    counts = count(loop, target.make, min(_COUNTED, settings.batches))
    between = [e for hook, e in by_hook.items() if not in_a_batch(hook)]
    whole = _sum([in_batches, *between])
    growth = grow(loop, target.make, settings.budget_s) if settings.growth else None
    yield Cost(
        callback=target.name,
        **_times(whole, settings),
        ratio_to_noop=whole.value / noop_ns,
        allocations_per_batch=round(counts.blocks, 1),
        bytes_held_per_batch=round(counts.bytes_held, 1),
        files_written=counts.files,
        bytes_written_per_batch=counts.bytes_written,
        log_reads_per_batch=counts.log_reads,
        growth=None if growth is None else _grows(growth.time_grows or growth.memory_grows),
        note=_joined(note, growth.told if growth else ""),
    )
    for hook, estimate in sorted(by_hook.items(), key=lambda item: -item[1].value):
        yield Cost(callback=target.name, hook=hook, **_times(estimate, settings))


def _times(estimate: Estimate, settings: Settings) -> dict[str, Any]:
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

    def __init__(self, loop: Loop, make: Callable[[], Any], settings: Settings) -> None:
        self._loop, self._make = loop, make
        few = loop.lap([make()], min(50, settings.batches))  # also warms up
        affordable = settings.budget_s * 1e9 / _FEWEST_ROUNDS / max(few.wall_ns, 1) * few.batches
        asked = max(_FEWEST, min(settings.batches, int(affordable)))
        trial = loop.lap([make()], asked)
        self._note = self._check(trial, asked, settings.batches)
        self.batches = trial.batches
        rounds = int(settings.budget_s * 1e9 / max(trial.wall_ns, 1))
        self.count = max(_FEWEST_ROUNDS, min(_MOST_ROUNDS, rounds))
        self._base: list[Lap] = []
        self._full: list[Lap] = []

    def _check(self, trial: Lap, asked: int, wanted: int) -> str:
        if trial.batches < asked:
            if trial.batches < _FEWEST:
                raise NotMeasuredError(
                    f"it stops training after {trial.batches} batches, and a measurement "
                    f"needs {_FEWEST}"
                )
            return f"stops training after {trial.batches:,} batches"
        return "" if asked == wanted else f"measured over {asked:,} batches an epoch"

    def base(self) -> None:
        """Run a round's batches without the callback."""
        self._base.append(self._loop.lap([], self.batches))

    def full(self) -> None:
        """Run them with it."""
        self._full.append(self._loop.lap([self._make()], self.batches))

    def run(self) -> tuple[Estimate, str]:
        """Run the rounds that are left; return nanoseconds per batch, and what to say of them."""
        for _ in range(len(self._full), self.count):
            self.base()
            self.full()
        parts = [
            [[ns / lap.batches for ns in lap.parts_ns] for lap in laps]
            for laps in (self._base, self._full)
        ]
        found = difference(*parts)
        waits = [(lap.wall_ns - lap.cpu_ns) / lap.batches for lap in self._full]
        waiting = sorted(waits)[len(waits) // 2]
        note = self._note
        if waiting > _WAITS_NS and waiting > _WAITS * found.value:
            share = min(waiting / found.value, 1.0)
            told = f"sleeps or waits {share:.0%} of its time"
            note = _joined(note, told)
        return found, note


def in_a_batch(hook: str) -> bool:
    """Whether a hook belongs to a training batch."""
    return hook.startswith("on_train_batch")


def hook_costs(
    loop: Loop, make: Callable[[], Any], settings: Settings, batches: int
) -> dict[str, Estimate]:
    """Nanoseconds per batch of each hook that a callback has, beside one that does nothing."""
    base: dict[str, list[list[float]]] = defaultdict(list)
    full: dict[str, list[list[float]]] = defaultdict(list)
    until = time.perf_counter() + settings.budget_s / 2
    for done in range(_MOST_ROUNDS):
        if done >= _FEWEST_ROUNDS and time.perf_counter() > until:
            break
        callback = make()
        listed = [hook for hook in hooks() if has_hook(callback, hook)]
        idle = _idle(listed)
        watches = []
        for timed in (idle, callback):
            with _timed(timed, listed) as watch:
                loop.fit([timed], batches)
            watches.append(watch)
        for hook in listed:
            nothing, calls = (watch[hook] for watch in watches)
            # The hooks of an epoch's begin and end over the batches that were asked for.
            each = len(calls) / (2 * (batches if in_a_batch(hook) else settings.batches))
            base[hook].append([_mean(nothing) * each])
            full[hook].append([_mean(calls) * each])
    return {hook: difference(base[hook], full[hook]) for hook in full}


def _mean(times: list[int]) -> float:
    return sum(times) / len(times) if times else 0.0


def _idle(names: Sequence[str]) -> Any:
    """Make a callback whose hooks are called and do nothing."""
    callback = keras.callbacks.Callback()
    for name in names:
        setattr(callback, name, lambda *index, logs=None: None)
    return callback


@contextmanager
def _timed(callback: Any, names: Sequence[str]) -> Iterator[dict[str, list[int]]]:
    """Put a watch around hooks of a callback for a while."""
    watch: dict[str, list[int]] = {name: [] for name in names}
    own = {name: vars(callback)[name] for name in names if name in vars(callback)}
    for name in names:
        setattr(callback, name, partial(_call, getattr(callback, name), watch[name].append))
    try:
        yield watch
    finally:
        for name in names:
            delattr(callback, name)
        for name, hook in own.items():
            setattr(callback, name, hook)


def _call(hook: Callable[..., None], note: Callable[[int], None], *args: Any, **kw: Any) -> None:
    start = time.perf_counter_ns()
    hook(*args, **kw)
    note(time.perf_counter_ns() - start)
