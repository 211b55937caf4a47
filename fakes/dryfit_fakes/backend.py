"""Keras, or one clear error that says which backend to install.

dryfit depends on Keras and on no particular backend. ``import keras`` fails
deep inside Keras when the configured backend is missing; whoever needs Keras
imports it from here, so that the message names the extras instead.
"""

import importlib.util

BACKENDS = ("tensorflow", "jax", "torch")

try:
    import keras as keras

    # Keras looks for metrics' directions inside this class alone, and exports it
    # nowhere else (keras/src/callbacks/monitor_callback.py, 3.15.1).
    from keras.src.trainers.compile_utils import CompileMetrics as CompileMetrics
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
