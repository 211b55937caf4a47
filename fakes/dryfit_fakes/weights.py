"""Whose weights they are, carried by the weights themselves.

Weights are known by the batch that trained them last and by how many batches
trained them in all. Both are written into an array, so the identity survives
``get_weights``, files, pickles and copies, and a callback that puts old weights
back is caught with the right epoch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:  # whoever only reads a file needs no numpy
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = "NDArray[np.float32]"

TAG_SHAPE = (4, 3)
_LIMB = 1 << 24  # the integers that float32 holds exactly
_SHIFT = 2  # -1 becomes 1: arrays of zeros are nobody's


@dataclass(frozen=True, slots=True)
class Weights:
    """The identity of weights.

    Attributes:
        fit: which ``fit`` of the model trained them last, from 0; -1 for
            initial weights, ``None`` for weights that are nobody's.
        epoch: the epoch of the last batch that trained them, likewise.
        batch: that batch, likewise.
        trained_batches: how many batches trained them in all.
    """

    fit: int | None
    epoch: int | None
    batch: int | None
    trained_batches: int | None

    def __str__(self) -> str:
        if self.epoch is None:
            return "mixed weights"
        if self.epoch < 0:
            return "the initial weights"
        earlier = f" of fit {self.fit}" if self.fit else ""
        return f"the weights of epoch {self.epoch}, batch {self.batch}{earlier}"


INITIAL = Weights(fit=-1, epoch=-1, batch=-1, trained_batches=0)
MIXED = Weights(fit=None, epoch=None, batch=None, trained_batches=None)


def encode(weights: Weights) -> Array:
    """Write an identity into a float32 array of shape (4, 3).

    Each number stands with its square (in two limbs of 24 bits). Squares are
    strictly convex, so no weighted average of two identities is a third one:
    a*p^2 + (1-a)*q^2 = (a*p + (1-a)*q)^2 only where a is 0 or 1, or p = q.
    """
    import numpy as np

    rows = []
    for number in (weights.fit, weights.epoch, weights.batch, weights.trained_batches):
        assert number is not None, "mixed weights have no identity to write"
        shifted = number + _SHIFT
        if not 0 < shifted < _LIMB:
            raise OverflowError(f"{weights} is past the 2**24 batches that a tag can count")
        rows.append((shifted, *divmod(shifted * shifted, _LIMB)))
    return np.array(rows, dtype=np.float32)


def decode(tag: "ArrayLike") -> Weights:
    """Read an identity back; what is not exactly one is `MIXED`."""
    import numpy as np

    array = np.asarray(tag, dtype=np.float64)
    if array.shape != TAG_SHAPE or not np.array_equal(array, np.floor(array)):
        return MIXED
    numbers = []
    for shifted, high, low in array.astype(np.int64).tolist():
        if not 0 < shifted < _LIMB or shifted * shifted != high * _LIMB + low:
            return MIXED
        numbers.append(shifted - _SHIFT)
    return Weights(*numbers)


def encode_arrays(weights: Weights) -> list[Array]:
    """Make the scripted model's weights: a kernel (4, 3) and a bias (4,)."""
    kernel = encode(weights)
    return [kernel, kernel[:, 0].copy()]


def decode_arrays(arrays: "Sequence[ArrayLike]") -> Weights:
    """Read the identity of a scripted model's weights.

    Kernel and bias both carry it: a kernel of one epoch beside a bias of
    another is `MIXED`.
    """
    import numpy as np

    weights = decode(arrays[0])
    bias = np.asarray(arrays[1])
    return weights if np.array_equal(bias, np.asarray(arrays[0])[:, 0]) else MIXED
