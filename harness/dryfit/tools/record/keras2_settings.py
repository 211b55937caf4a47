"""Settings that callbacks of Keras 2 do not keep: told by what they made of them.

Source: ``tf_keras/src/callbacks.py``, EarlyStopping and ModelCheckpoint, 2.21.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dryfit_fakes.backend import LEGACY, keras
from dryfit_fakes.protocols import Callback


def made_settings(callback: Callback) -> Mapping[str, Callable[[Any], Any]]:
    """Say how settings of a callback are told, by their names; none of Keras 3's."""
    if not LEGACY or not isinstance(callback, _MONITORING):
        return {}
    return {
        "mode": _mode,
        "initial_value_threshold": _threshold,
        "options": _options,
    }


_MONITORING = (keras.callbacks.EarlyStopping, keras.callbacks.ModelCheckpoint)


def _mode(callback: Any) -> str:
    """``auto`` where that makes the same of the name: so it is told apart on Keras 3."""
    if isinstance(callback, keras.callbacks.EarlyStopping):
        by_name = keras.callbacks.EarlyStopping(monitor=callback.monitor)
    else:
        by_name = keras.callbacks.ModelCheckpoint("any.h5", monitor=callback.monitor)
    if by_name.monitor_op is callback.monitor_op:
        return "auto"
    return "max" if callback.monitor_op is np.greater else "min"


def _threshold(callback: Any) -> float | None:
    """Without one, the best is infinite until training changes it."""
    best = float(callback.best)
    return None if math.isinf(best) else best


def _options(callback: Any) -> None:
    """TensorFlow's for writing files, of which a decision is none."""
