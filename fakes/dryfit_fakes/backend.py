"""Keras, or one clear error that says which backend to install.

dryfit depends on Keras and on no particular backend. ``import keras`` fails
deep inside Keras when the configured backend is missing; whoever needs Keras
imports it from here, so that the message names the extras instead.
"""

import importlib.util
from typing import Any

BACKENDS = ("tensorflow", "jax", "torch")


def compile_metrics() -> Any:
    """The class that a compiled model's metrics are in.

    Keras looks for their directions inside of it alone, and exports it nowhere
    (``keras/src/callbacks/monitor_callback.py``, 3.15.1): where it has moved, a model tells.
    """
    try:
        from keras.src.trainers.compile_utils import CompileMetrics
    except ImportError:
        model = keras.Sequential([keras.Input((1,))])
        model.compile(metrics=["mae"])
        return type(model.metrics[-1])
    return CompileMetrics


try:
    import keras as keras

    CompileMetrics = compile_metrics()
except ModuleNotFoundError as error:
    missing = (error.name or "").partition(".")[0]
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
