"""Sweeps: what many settings decide on many recorded curves."""

from typing import TYPE_CHECKING

from dryfit_fakes.lazy import lazily

if TYPE_CHECKING:
    from dryfit.tools.sweep.answers import Pick, Spread, SweepRow
    from dryfit.tools.sweep.audit import Differing
    from dryfit.tools.sweep.sweeping import SweepResult, sweep

__all__ = ["Differing", "Pick", "Spread", "SweepResult", "SweepRow", "sweep"]

__getattr__, __dir__ = lazily(
    __name__,
    {
        "dryfit.tools.sweep.answers": ("Pick", "Spread", "SweepRow"),
        "dryfit.tools.sweep.audit": ("Differing",),
        "dryfit.tools.sweep.sweeping": ("SweepResult", "sweep"),
    },
)
