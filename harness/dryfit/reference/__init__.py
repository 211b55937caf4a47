"""What Keras' callbacks promise, as machines written from their documentation.

A module for each callback, without any Keras in it: pure functions from what a training
reports to what the documentation says must be decided. `disagreement` holds the installed
Keras against them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dryfit.reference.exploring import Exploration, explore
    from dryfit.reference.promises import Defect, Promise, Reported
    from dryfit.reference.verdict import Disagreement, disagreement

__all__ = [
    "Defect",
    "Disagreement",
    "Exploration",
    "Promise",
    "Reported",
    "disagreement",
    "explore",
]

_HOMES = {
    "Defect": "promises",
    "Disagreement": "verdict",
    "Exploration": "exploring",
    "Promise": "promises",
    "Reported": "promises",
    "disagreement": "verdict",
    "explore": "exploring",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dryfit.reference' has no attribute {name!r}")
    return getattr(import_module(f"dryfit.reference.{_HOMES[name]}"), name)
