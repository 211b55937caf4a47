"""What stands in for the real thing: a model that follows a script.

Names load on first use: a pytest plugin lies behind this package, and it must
not load Keras.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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
    from dryfit_fakes.model import ScriptedModel
    from dryfit_fakes.script import Interrupt, Script, ScriptError
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
    "Script",
    "ScriptError",
    "ScriptedModel",
    "Series",
    "SeriesError",
    "SetLearningRateAt",
    "StopAt",
    "Weights",
    "WriteLogs",
]

_HOMES = {
    "actors": (
        "EvaluateAt",
        "PredictAt",
        "RaiseAt",
        "SetLearningRateAt",
        "StopAt",
        "WriteLogs",
    ),
    "disk": ("Disk",),
    "model": ("ScriptedModel",),
    "script": ("Interrupt", "Script", "ScriptError"),
    "series": ("Series", "SeriesError"),
    "strict": ("NotOfferedError",),
    "weights": ("Weights",),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"dryfit_fakes.{module}"), name)
    raise AttributeError(f"module 'dryfit_fakes' has no attribute {name!r}")
