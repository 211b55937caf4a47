"""Which Keras this process has; nothing is loaded to say it."""

import os
from contextlib import suppress
from importlib import metadata

# As TensorFlow reads it (tensorflow/python/util/lazy_loader.py, KerasLazyLoader, 2.15 and 2.21).
NAME = "tf_keras" if os.environ.get("TF_USE_LEGACY_KERAS") in ("1", "true", "True") else "keras"
"""The module, and the package that it comes with."""

ON_BOTH = "DRYFIT_ON_BOTH_KERAS"
"""A variable that is set where the same is played with the other Keras as well."""


def installed_release(package: str) -> str | None:
    """The release of a package, or of its nightly, which puts its modules over the other's."""
    for brings in (f"{package}-nightly", package):
        with suppress(metadata.PackageNotFoundError):
            return metadata.version(brings)
    return None


def _is_keras_2() -> bool:
    """Whether the module is Keras 2: tf_keras always is, keras is beside TensorFlow 2.15."""
    if NAME == "tf_keras":
        return True
    # Without any it is a checkout on the path; dryfit runs on none but Keras 3's.
    return (installed_release(NAME) or "3").startswith("2.")


LEGACY = _is_keras_2()
