"""Play a battery of generic scenarios to any callback, and say which it survives."""

from dryfit.check.battery import check_callback
from dryfit.check.card import Card, CheckFailedError, Result

__all__ = ["Card", "CheckFailedError", "Result", "check_callback"]
