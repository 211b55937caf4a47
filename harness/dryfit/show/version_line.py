"""What ``dryfit --version`` says; nothing that it names is imported."""

import json
import os
import platform
from pathlib import Path

from dryfit_fakes.keras_choice import LEGACY, NAME, installed_release


def version_line(*, keras: bool = True) -> str:
    """Say which dryfit, Keras, backend and Python there are; or nothing of Keras."""
    own = f"dryfit {installed_release('dryfit') or 'of unknown version'}"
    played = f"Keras {installed_release(NAME) or 'is not installed'} on {backend()}"
    return ", ".join([own, *([played] if keras else []), f"Python {platform.python_version()}"])


def backend() -> str:
    """Which backend Keras will use, as it decides that itself when it is imported.

    Source: ``keras/src/backend/config.py``, 3.15.1: ``KERAS_BACKEND``, else ``backend`` in
    ``keras.json`` of ``KERAS_HOME`` or of ``.keras`` in the home folder, else tensorflow.
    """
    if LEGACY:
        return "tensorflow"
    if named := os.environ.get("KERAS_BACKEND"):
        return named
    home = Path("~").expanduser()
    usual = (home if os.access(home, os.W_OK) else Path("/tmp")) / ".keras"  # noqa: S108  as Keras
    try:
        text = Path(os.environ.get("KERAS_HOME", usual), "keras.json").read_text(encoding="utf-8")
        kept = json.loads(text)
    except (OSError, ValueError):
        return "tensorflow"
    return str(kept.get("backend", "tensorflow")) if isinstance(kept, dict) else "tensorflow"
