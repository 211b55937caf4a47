"""How callbacks are measured: for how long, over how many batches."""

from dataclasses import dataclass

BATCHES = 1_000
MOST_ROUNDS, FEWEST_ROUNDS = 60, 5


@dataclass(frozen=True)
class MeasureSettings:
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
