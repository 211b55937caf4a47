"""What the pytest fixture ``callback_overhead`` gives: a cost, and an assertion about it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from dryfit.tools.bench.bench_targets import Target
from dryfit.tools.bench.cost import Cost
from dryfit.tools.bench.loop import Loop, somewhere_else
from dryfit.tools.bench.measure import Noop, Rounds, costs_of
from dryfit.tools.bench.measure_settings import BATCHES, MeasureSettings
from dryfit_fakes.protocols import Callback


@dataclass(frozen=True, slots=True)
class Overhead:
    """What a callback costs.

    Attributes:
        cost: the callback as a whole.
        by_hook: nanoseconds per batch of each hook, costliest first; hooks of
            epochs are spread over the epoch's batches.
    """

    cost: Cost
    by_hook: dict[str, float]

    @property
    def ns_per_batch(self) -> float:
        """Nanoseconds that a training batch takes longer with the callback."""
        assert self.cost.ns_per_batch is not None
        return self.cost.ns_per_batch

    @property
    def ratio_to_noop(self) -> float:
        """How many times as much as a callback whose batch hooks do nothing."""
        assert self.cost.ratio_to_noop is not None
        return self.cost.ratio_to_noop

    @property
    def allocations_per_batch(self) -> float:
        """Blocks of memory that Python holds on to, per batch."""
        assert self.cost.allocations_per_batch is not None
        return self.cost.allocations_per_batch

    def assert_under(
        self, us_per_batch: float | None = None, *, ratio_to_noop: float | None = None
    ) -> None:
        """Assert that the callback costs less than a limit.

        Args:
            us_per_batch: microseconds; the lower end of the confidence interval
                counts, so that only what is surely above fails.
            ratio_to_noop: how many times a callback that does nothing, which a
                slower machine changes little.

        Raises:
            AssertionError: it costs more; the message names the costliest hook.
            TypeError: no limit is given.
        """
        __tracebackhide__ = True
        if us_per_batch is None and ratio_to_noop is None:
            raise TypeError("assert_under takes a limit: us_per_batch=5, or ratio_to_noop=20")
        low = self.cost.low if self.cost.low is not None else self.ns_per_batch
        hook, share = max(self.by_hook.items(), key=lambda item: item[1], default=("no hook", 0.0))
        told = (
            f"{self.cost.callback} costs {self.ns_per_batch / 1e3:.2f} µs a batch, at least "
            f"{low / 1e3:.2f}, {self.ratio_to_noop:.1f} times a no-op; the costliest hook is "
            f"{hook} with {share / 1e3:.2f} µs"
        )
        if us_per_batch is not None and low >= us_per_batch * 1e3:
            raise AssertionError(f"{told}. The limit is {us_per_batch:g} µs")
        if ratio_to_noop is not None and self.ratio_to_noop >= ratio_to_noop:
            raise AssertionError(f"{told}. The limit is {ratio_to_noop:g} times")


class Benchmark(Protocol):
    """What is needed of pytest-benchmark's fixture, which comes without types."""

    group: str | None
    extra_info: dict[str, Any]

    def pedantic(
        self,
        target: Callable[..., object],
        *,
        setup: Callable[[], object],
        rounds: int,
        iterations: int,
    ) -> object:
        """Time a target so many rounds, each after its setup."""


def overhead(
    benchmark: Benchmark, callback: Callback | Callable[[], Callback], batches: int = BATCHES
) -> Overhead:
    """Measure a callback with pytest-benchmark's fixture, which stores the rounds.

    Args:
        benchmark: the fixture; its times are those of a whole round with the callback.
        callback: a callback, which is used again in every round; or its class, or a
            function without arguments that makes one, for a fresh one in each.
        batches: per epoch.

    Raises:
        NotMeasuredError: the callback stops training at once.
        FrozenTimeError: the clock is frozen.
        BaseException: whatever comes out of the callback.
    """
    target = _target(callback)
    benchmark.group = f"callback_overhead: {target.name}"

    def run(rounds: Rounds) -> None:
        # Disabled, pytest-benchmark runs a single one; the others follow without it.
        benchmark.pedantic(rounds.full, setup=rounds.base, rounds=rounds.count, iterations=1)

    settings = MeasureSettings(batches=batches, growth=False)
    with somewhere_else():
        noop = Rounds(Loop(), Noop, settings).run()
        whole, *hooks = costs_of(target, settings, noop.estimate.value, run)
    benchmark.extra_info.update(asdict(whole))
    return Overhead(whole, {str(cost.hook): cost.ns_per_batch or 0.0 for cost in hooks})


def _target(callback: Callback | Callable[[], Callback]) -> Target:
    if hasattr(callback, "set_model") and not isinstance(callback, type):
        return Target(type(callback).__name__, lambda: callback)
    if not callable(callback):
        raise TypeError(f"callback_overhead takes a callback or what makes one, not {callback!r}")
    made = callback()
    if not hasattr(made, "set_model"):
        raise TypeError(f"{callback!r} makes {made!r}, which is no callback")
    return Target(type(made).__name__, callback)
