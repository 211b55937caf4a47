"""Weights that say whose they are."""

import copy
import pickle
from itertools import combinations

import numpy as np
import pytest

from dryfit_fakes.weights import (
    INITIAL,
    MIXED,
    Weights,
    decode,
    decode_arrays,
    encode,
    encode_arrays,
)

SOME = [INITIAL, *(Weights(0, e, b, 4 * e + b + 1) for e in range(4) for b in range(4))]


@pytest.mark.parametrize("weights", [INITIAL, Weights(3, 999_999, 7, 9_999_999)])
def test_an_identity_survives_its_array(weights: Weights) -> None:
    """What is written is read back, also where squares pass float32's integers."""
    assert decode(encode(weights)) == weights


def test_copies_and_pickles_keep_it() -> None:
    """Arrays that were copied on any way are still those of their epoch."""
    arrays = encode_arrays(SOME[5])
    assert decode_arrays(copy.deepcopy(arrays)) == SOME[5]
    assert decode_arrays(pickle.loads(pickle.dumps(arrays))) == SOME[5]


@pytest.mark.parametrize("share", [0.5, 0.25, 2.0, -1.0])
def test_no_mixture_of_two_is_a_third(share: float) -> None:
    """Averages, and points beyond either, belong to nobody."""
    for one, other in combinations(SOME, 2):
        mixture = share * encode(one) + (1 - share) * encode(other)
        assert decode(mixture) == MIXED


def test_a_kernel_beside_another_epochs_bias_is_mixed() -> None:
    """Arrays of two epochs in one list belong to nobody."""
    one, other = encode_arrays(SOME[3]), encode_arrays(SOME[9])
    assert decode_arrays([one[0], other[1]]) == MIXED


@pytest.mark.parametrize("array", [np.zeros((2, 2)), np.full((4, 3), np.nan), np.full((4, 3), 0.5)])
def test_what_is_no_identity_is_mixed(array: np.ndarray) -> None:
    """Foreign arrays are never read as an epoch."""
    assert decode(array) == MIXED


def test_mixed_weights_have_no_identity_to_write() -> None:
    """Nobody's weights are not passed off as somebody's."""
    with pytest.raises(AssertionError, match="mixed weights have no identity"):
        encode(MIXED)
