"""Recordings: scenario files of what a real training reported and what callbacks decided."""

from dryfit.recording.sources import HistoryError, from_history

__all__ = ["HistoryError", "from_history"]
