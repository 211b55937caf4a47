"""The keys of a script as keyword arguments, for whoever takes them in place of a `Script`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypedDict

from dryfit_fakes.disk import Disk
from dryfit_fakes.interrupt import Interrupt
from dryfit_fakes.protocols import Rate
from dryfit_fakes.script_values import Values
from dryfit_fakes.scripted_rates import RateSource

Lane: TypeAlias = Literal["fake", "real"]
Method: TypeAlias = Literal["fit", "evaluate", "predict"]  # of a model, which is played
Prediction: TypeAlias = Callable[[Any, int], Any]


class ScriptKeywords(TypedDict, total=False):
    """The keys of a `Script` beside its metrics, as keyword arguments."""

    epochs: int
    batches: int | Literal["unknown"]
    val_batches: int | Literal["unknown"]
    learning_rate: "Rate | None"
    optimizers: "Mapping[str, Rate]"
    late_optimizers: bool
    rates: "RateSource | Rate | None"
    batch_metrics: Mapping[str, Sequence[Values]]
    batch_logs: Mapping[str, Sequence[Values]]
    directions: Mapping[str, str]
    initial_epoch: int
    validation_freq: int | list[int] | None
    steps_per_execution: int
    seconds_per_batch: float
    seconds_per_epoch: float
    predict: Prediction | None
    evaluate: Prediction | None
    interrupt: Interrupt | Mapping[str, Any] | None
    disk: Disk | Mapping[str, Any] | None
    warnings: Literal["error"] | None
