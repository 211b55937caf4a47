"""What a training ran on, as a recording tells it."""

import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from dryfit_fakes.backend import keras
from dryfit_fakes.keras_choice import NAME
from dryfit_fakes.metrics import known_direction


def provenance() -> str:
    """Who recorded, and with which Keras on what."""
    backend = keras.backend.backend()
    release = getattr(sys.modules.get(backend), "__version__", "of unknown version")
    trained = f"{NAME} {keras.__version__} on {backend} {release}"
    return f"recorded by {_dryfit()} from a fit with {trained}"


def _dryfit() -> str:
    try:
        return f"dryfit {version('dryfit')}"
    except PackageNotFoundError:  # on the path, and not installed
        return "dryfit"


def directions(model: object, metrics: dict[str, Any]) -> dict[str, str]:
    """The directions that the model's metrics know and their names do not tell."""
    reported = {name.removeprefix("val_") for name in metrics}
    groups = getattr(model, "metrics", ())
    objects = [metric for group in groups for metric in getattr(group, "metrics", ())]
    told = {metric.name: getattr(metric, "_direction", None) for metric in objects}
    return {
        name: direction
        for name, direction in told.items()
        if name in reported and direction in ("up", "down") and direction != known_direction(name)
    }
