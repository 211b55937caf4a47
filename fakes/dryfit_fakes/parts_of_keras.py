"""The parts of a fake model that differ with the Keras of the process."""

from typing import Any

from dryfit_fakes.backend import LEGACY
from dryfit_fakes.stores import OwnWeights


class OfKeras3:
    """Where a fit begins: at an epoch that BackupAndRestore may have put there."""

    _initial_epoch: int | None

    def _resumed_at(self, epoch: int) -> tuple[int, int]:
        return self._initial_epoch or epoch, 0


KeptWeights: type[OwnWeights] = OwnWeights
OfKeras: Any = OfKeras3

if LEGACY:
    from dryfit_fakes.keras2_files import Keras2Weights
    from dryfit_fakes.keras2_model import OfKeras2

    KeptWeights, OfKeras = Keras2Weights, OfKeras2
