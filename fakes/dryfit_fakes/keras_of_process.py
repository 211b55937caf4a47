"""The Keras of this process: ``keras``, or ``tf_keras`` where ``TF_USE_LEGACY_KERAS`` says so.

One process has one Keras, chosen as TensorFlow chooses what ``tf.keras`` is: callbacks of the
one do nothing in the ``fit`` of the other. Whoever needs Keras takes it from here, so that
a missing backend is one clear error, and not one from deep inside of Keras.
"""

import importlib
import importlib.util
import os
from typing import Any

from dryfit_fakes.keras_choice import LEGACY, NAME, ON_BOTH
from dryfit_fakes.quiet_import import quiet_import, without_collections

BACKENDS = ("tensorflow", "jax", "torch")

try:
    with quiet_import(), without_collections():
        keras: Any = importlib.import_module(NAME)
    """The Keras of this process: ``keras``, or ``tf_keras`` where ``TF_USE_LEGACY_KERAS=1`` is set.

    For callbacks and tests that run on both.
    """
except ModuleNotFoundError as error:
    missing = (error.name or "").partition(".")[0]
    if missing == "tf_keras":
        raise ImportError(
            "TF_USE_LEGACY_KERAS is set, so Keras is Keras 2, and tf_keras is not installed: "
            "pip install 'dryfit[legacy]', or unset TF_USE_LEGACY_KERAS for Keras 3."
        ) from error
    if missing not in BACKENDS:
        raise
    installed = [name for name in BACKENDS if importlib.util.find_spec(name)]
    raise ImportError(
        f"Keras is set to run on {missing}, and {missing} is not installed.\n"
        f"Backends installed here: {', '.join(installed) or 'none'}.\n"
        "Install one of dryfit's extras: pip install 'dryfit[tensorflow-cpu]' "
        "(or dryfit[tensorflow], dryfit[jax], dryfit[torch]), "
        "or set KERAS_BACKEND to one that is installed."
    ) from error


def of_another_keras(kind: type, what: str) -> str | None:
    """Say of a class that it is made for the Keras that this process has not.

    Args:
        kind: somebody's class of callbacks or models.
        what: how the sentence names it.

    Returns:
        Which is whose, and what to set or import; ``None`` of any other class.
    """
    own = f"{NAME}."
    for base in kind.__mro__:  # each play asks of each callback
        if (module := f"{base.__module__}.").startswith(_ROOTS):
            break
    else:
        return None
    if module.startswith(own):
        return None
    theirs = next(root for root in _ROOTS if module.startswith(root))
    if ON_BOTH in os.environ:  # the choice is not the user's, and the name of either is half a way
        return (
            f"{what} is made for {_NAMES[theirs]}, and migrate plays it on both: where "
            f"{kind.__module__} imports its Keras, write `from dryfit import keras` or "
            "`from tensorflow import keras`."
        )
    here = f"Keras {2 if LEGACY else 3} ({NAME} {keras.__version__})"
    chosen = "set, which" if NAME == "tf_keras" else "not set, which"
    return (
        f"{what} is made for {_NAMES[theirs]}, and this process has {here}: "
        f"TF_USE_LEGACY_KERAS is {chosen} chooses it. "
        f"Where {kind.__module__} imports its Keras, write `from dryfit import keras` or "
        f"`import {own.rstrip('.')} as keras`{_OTHERWISE.get(theirs, '')}."
    )


_INSIDE = "tensorflow.python.keras."
_NAMES = {
    "tf_keras.": "Keras 2 (tf_keras)",
    "keras.": "Keras 3 (keras)",
    _INSIDE: "the Keras that TensorFlow has for itself (tensorflow.python.keras)",
}
_ROOTS = tuple(_NAMES)
_OTHERWISE = {
    "tf_keras.": "; or start Python with TF_USE_LEGACY_KERAS=1, for Keras 2 everywhere",
    "keras.": "; or start Python without TF_USE_LEGACY_KERAS, for Keras 3 everywhere",
}
