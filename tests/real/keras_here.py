"""The Keras of this process, chosen as TensorFlow chooses it. Imports nothing of dryfit."""

import os
from importlib import import_module
from typing import Any

_tf_keras = os.environ.get("TF_USE_LEGACY_KERAS") in ("1", "true", "True")

keras: Any = import_module("tf_keras" if _tf_keras else "keras")
LEGACY = keras.__version__.startswith("2.")
