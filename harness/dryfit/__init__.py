"""Prove what a Keras callback does, epoch by epoch, without training anything.

Names load on first use: a pytest plugin lies behind this package, and it must
load neither Keras nor numpy.
"""

from typing import TYPE_CHECKING

from dryfit_fakes.lazy import lazily

if TYPE_CHECKING:
    from dryfit.lanes.fake import ScriptedModel
    from dryfit.lanes.gpu import GpuLimitError, limit_gpu_memory
    from dryfit.lanes.play import play
    from dryfit.lanes.time_limit import PlayTimeoutError
    from dryfit.run.run import Run
    from dryfit.scenario.load import load_scenarios
    from dryfit.scenario.problems import ScenarioFileError
    from dryfit.scenario.scenario import Scenario
    from dryfit.scenario.trust import Trust
    from dryfit.show.plot.plot import plot
    from dryfit.tools.check.as_tests import parametrize_with_checks
    from dryfit.tools.record.recorder import Recorder
    from dryfit_fakes.keras_of_process import keras
    from dryfit_fakes.script import Script

__all__ = [
    "GpuLimitError",
    "PlayTimeoutError",
    "Recorder",
    "Run",
    "Scenario",
    "ScenarioFileError",
    "Script",
    "ScriptedModel",
    "Trust",
    "keras",
    "limit_gpu_memory",
    "load_scenarios",
    "parametrize_with_checks",
    "play",
    "plot",
]

__getattr__, __dir__ = lazily(
    __name__,
    {
        "dryfit.lanes.fake": ("ScriptedModel",),
        "dryfit.lanes.gpu": ("GpuLimitError", "limit_gpu_memory"),
        "dryfit.lanes.play": ("play",),
        "dryfit.lanes.time_limit": ("PlayTimeoutError",),
        "dryfit.tools.check.as_tests": ("parametrize_with_checks",),
        "dryfit.tools.record.recorder": ("Recorder",),
        "dryfit.run.run": ("Run",),
        "dryfit.scenario.load": ("load_scenarios",),
        "dryfit.scenario.problems": ("ScenarioFileError",),
        "dryfit.scenario.scenario": ("Scenario",),
        "dryfit.scenario.trust": ("Trust",),
        "dryfit.show.plot.plot": ("plot",),
        "dryfit_fakes.keras_of_process": ("keras",),
        "dryfit_fakes.script": ("Script",),
    },
)
