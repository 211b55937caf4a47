"""Prove what a Keras callback does, epoch by epoch, without training anything.

Names load on first use: a pytest plugin lies behind this package, and it must
load neither Keras nor numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dryfit.lanes import play
    from dryfit.lanes.fake import ScriptedModel
    from dryfit.recorder import Recorder
    from dryfit.report.plot import plot
    from dryfit.run import Run
    from dryfit.scenario.load import load_scenarios
    from dryfit_fakes.script import Script

__all__ = ["Recorder", "Run", "Script", "ScriptedModel", "load_scenarios", "play", "plot"]

_HOMES = {
    "Recorder": "dryfit.recorder",
    "Run": "dryfit.run",
    "Script": "dryfit_fakes.script",
    "ScriptedModel": "dryfit.lanes.fake",
    "load_scenarios": "dryfit.scenario.load",
    "play": "dryfit.lanes",
    "plot": "dryfit.report.plot",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dryfit' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
