"""Hypothesis strategies, and Keras' documentation as machines to hold callbacks against.

Names load on first use: the machines need no Hypothesis.
"""

from typing import TYPE_CHECKING

from dryfit_fakes.lazy import lazily

if TYPE_CHECKING:
    from dryfit.scenario.given_training import GivenTraining
    from dryfit.tools.explore.disagreement import Disagreement, disagreement
    from dryfit.tools.explore.drawn_scripts import callback_settings, cases, curves, scripts
    from dryfit.tools.explore.exploring import Exploration, explore
    from dryfit.tools.explore.promises import Defect, Promise, Reported

__all__ = [
    "Defect",
    "Disagreement",
    "Exploration",
    "GivenTraining",
    "Promise",
    "Reported",
    "callback_settings",
    "cases",
    "curves",
    "disagreement",
    "explore",
    "scripts",
]

__getattr__, __dir__ = lazily(
    __name__,
    {
        "dryfit.scenario.given_training": ("GivenTraining",),
        "dryfit.tools.explore.disagreement": ("Disagreement", "disagreement"),
        "dryfit.tools.explore.exploring": ("Exploration", "explore"),
        "dryfit.tools.explore.promises": ("Defect", "Promise", "Reported"),
        "dryfit.tools.explore.drawn_scripts": ("callback_settings", "cases", "curves", "scripts"),
    },
)
