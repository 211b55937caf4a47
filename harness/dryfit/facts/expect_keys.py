"""Every key of `expect`, in the order of a file."""

from typing import Any

from dryfit.facts.between_ranks import Ranks
from dryfit.facts.by_epoch import History, LearningRate, LearningRateAfter, Logs, StateFact
from dryfit.facts.dispatched import Hooks, Indices, LastHook, Prints, Warnings
from dryfit.facts.fact import Fact
from dryfit.facts.final_weights import Files, FinalWeights
from dryfit.facts.happenings import Checkpoints, Overrides, Reductions, Restored, SleptFact, Unused
from dryfit.facts.stopping import Epochs, EpochsRun, Raises, Stopped

FACTS: tuple[Fact[Any], ...] = (
    EpochsRun(),
    Epochs(),
    Stopped(),
    FinalWeights(),
    Restored(),
    LearningRate(),
    LearningRateAfter(),
    Reductions(),
    Overrides(),
    Unused(),
    StateFact(),
    Checkpoints(),
    SleptFact(),
    Files(),
    History(),
    Logs(),
    Hooks(),
    Indices(),
    LastHook(),
    Warnings(),
    Prints(),
    Raises(),
    Ranks(),
)

BY_NAME: dict[str, Fact[Any]] = {fact.name: fact for fact in FACTS}
