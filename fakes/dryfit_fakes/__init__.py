"""What stands in for the real thing: a model that follows a script.

Names load on first use: a pytest plugin lies behind this package, and it must
not load Keras.
"""

from typing import TYPE_CHECKING

from dryfit_fakes.lazy import lazily

if TYPE_CHECKING:
    from dryfit_fakes.actors import (
        EvaluateAt,
        PredictAt,
        RaiseAt,
        SetLearningRateAt,
        StopAt,
        WriteLogs,
    )
    from dryfit_fakes.disk import Disk
    from dryfit_fakes.interrupt import Interrupt
    from dryfit_fakes.script_values import ScriptError
    from dryfit_fakes.series import Series, SeriesError
    from dryfit_fakes.strict import NotOfferedError
    from dryfit_fakes.weights import Weights

__all__ = [
    "Disk",
    "EvaluateAt",
    "Interrupt",
    "NotOfferedError",
    "PredictAt",
    "RaiseAt",
    "ScriptError",
    "Series",
    "SeriesError",
    "SetLearningRateAt",
    "StopAt",
    "Weights",
    "WriteLogs",
]

__getattr__, __dir__ = lazily(
    __name__,
    {
        "dryfit_fakes.actors": (
            "EvaluateAt",
            "PredictAt",
            "RaiseAt",
            "SetLearningRateAt",
            "StopAt",
            "WriteLogs",
        ),
        "dryfit_fakes.disk": ("Disk",),
        "dryfit_fakes.interrupt": ("Interrupt",),
        "dryfit_fakes.script_values": ("ScriptError",),
        "dryfit_fakes.series": ("Series", "SeriesError"),
        "dryfit_fakes.strict": ("NotOfferedError",),
        "dryfit_fakes.weights": ("Weights",),
    },
)
