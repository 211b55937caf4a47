"""Recordings: scenario files of what a training reported and what callbacks decided."""

from dryfit.scenario.history_columns import HistoryError
from dryfit.tools.record.history_files import from_history
from dryfit.tools.replay.what_if import Curve, Row, what_if

__all__ = ["Curve", "HistoryError", "Row", "from_history", "what_if"]
