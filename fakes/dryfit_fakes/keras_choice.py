"""Which Keras this process has; nothing is loaded to say it."""

import os

# As TensorFlow reads it (tensorflow/python/util/lazy_loader.py, KerasLazyLoader, 2.21).
LEGACY = os.environ.get("TF_USE_LEGACY_KERAS") in ("1", "true", "True")
