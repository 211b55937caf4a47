"""Keras 2 under the names by which Keras 3 is asked."""

from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import tensorflow as tf


class _Beside:
    """A module, and some names in front of it."""

    def __init__(self, module: Any, **names: Any) -> None:
        self._module = module
        vars(self).update(names)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def named_anew(module: ModuleType) -> Any:
    """Keras 2, with what is asked of Keras 3 by another name.

    Args:
        module: ``tf_keras``.
    """
    old, utils = module.backend, module.utils
    settings = ["floatx", "epsilon", "image_data_format"]
    settings += [f"set_{name}" for name in settings]
    logging = [f"{verb}_interactive_logging" for verb in ("enable", "disable")]
    logging.append("is_interactive_logging_enabled")
    return _Beside(
        module,
        ops=SimpleNamespace(
            convert_to_numpy=np.asarray, convert_to_tensor=tf.convert_to_tensor, exp=tf.exp
        ),
        tree=tf.nest,
        Variable=tf.Variable,
        distribution=SimpleNamespace(distribution=lambda: None),
        config=SimpleNamespace(
            **{name: getattr(old, name) for name in settings},
            **{name: getattr(utils, name) for name in logging},
            dtype_policy=module.mixed_precision.global_policy,
        ),
        backend=_Beside(
            old,
            backend=lambda: "tensorflow",
            standardize_dtype=lambda dtype: tf.as_dtype(dtype).name,
        ),
        utils=_Beside(utils, PyDataset=utils.Sequence),
        saving=_Beside(
            module.saving, register_keras_serializable=utils.register_keras_serializable
        ),
    )


class NoMetrics:
    """Stands where Keras 3 keeps metrics with their directions."""

    def __init__(self, metrics: object, weighted_metrics: object, name: str) -> None:
        self.name = name
