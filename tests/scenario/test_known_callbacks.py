"""The names that are told before Keras is there are all that it has."""

import keras

from dryfit.scenario.known_callbacks import KERAS


def test_none_of_keras_is_missing() -> None:
    """But the base class, and the list of callbacks. An older Keras has fewer."""
    kinds = {name for name, kind in vars(keras.callbacks).items() if isinstance(kind, type)}
    assert kinds - {"Callback", "CallbackList"} <= set(KERAS)
