"""Keras under the names of Keras 3, and what it exports nowhere.

`keras` here is the Keras of the process. Of Keras 2 it is that module with those few names
in front of it that Keras 3 has elsewhere or anew; what Keras 2 *does* otherwise is not
here: `dryfit_fakes.releases` says it.
"""

from typing import Any

from dryfit_fakes.keras_choice import LEGACY as LEGACY
from dryfit_fakes.keras_of_process import BACKENDS as BACKENDS
from dryfit_fakes.keras_of_process import keras as own

keras: Any
if LEGACY:
    from dryfit_fakes.keras2_names import named_anew

    keras = named_anew(own)
else:
    keras = own

COMPILED = "_is_compiled" if LEGACY else "compiled"  # by what a model says whether it is


def compile_metrics() -> Any:
    """The class that a compiled model's metrics are in.

    Keras looks for their directions inside of it alone, and exports it nowhere
    (``keras/src/callbacks/monitor_callback.py``, 3.15.1): where it has moved, a model tells.
    Keras 2 goes by the metrics' names, and looks nowhere.
    """
    if LEGACY:
        from dryfit_fakes.keras2_names import NoMetrics

        return NoMetrics
    try:
        from keras.src.trainers.compile_utils import CompileMetrics
    except ImportError:
        model = keras.Sequential([keras.Input((1,))])
        model.compile(metrics=["mae"])
        return type(model.metrics[-1])
    return CompileMetrics


CompileMetrics = compile_metrics()
