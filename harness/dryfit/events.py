"""What a run's timeline is made of: frozen values, one for each thing that happens."""

from dryfit.run.timeline_events import (
    Began,
    Change,
    Ended,
    Event,
    Hook,
    LogWrite,
    Override,
    Printed,
    Raised,
    Slept,
    State,
    Trained,
    Unread,
    Warned,
    WeightsUsed,
)

__all__ = [
    "Began",
    "Change",
    "Ended",
    "Event",
    "Hook",
    "LogWrite",
    "Override",
    "Printed",
    "Raised",
    "Slept",
    "State",
    "Trained",
    "Unread",
    "Warned",
    "WeightsUsed",
]
