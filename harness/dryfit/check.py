"""Play a battery of generic scenarios to any callback, and say which it survives."""

from dryfit.tools.check.as_tests import CallbackChecks
from dryfit.tools.check.battery import check_callback
from dryfit.tools.check.report_card import Card, CheckFailedError, Result
from dryfit.tools.check.wrappers import WithoutLogs, WithoutSteps, decaying, zeros

__all__ = [
    "CallbackChecks",
    "Card",
    "CheckFailedError",
    "Result",
    "WithoutLogs",
    "WithoutSteps",
    "check_callback",
    "decaying",
    "zeros",
]
