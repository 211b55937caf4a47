"""LearningRateScheduler, from its documentation (Keras 3.15.1)."""

import inspect
from collections.abc import Callable

from dryfit.tools.explore.promises import Promise, Reported
from dryfit_fakes.float32 import float32, shortest

DEFECTS = ()  # what a schedule may return and raise is not told by losses


def learning_rate_scheduler(
    reported: Reported, *, schedule: Callable[..., float], verbose: int = 0
) -> Promise:
    """Say which rate each epoch must train with."""
    rate, rates = reported.learning_rate, []
    for epoch in range(len(reported.epochs)):
        # "At the beginning of every epoch, this callback gets the updated learning rate
        # value from `schedule` function provided at `__init__`, with the current epoch and
        # current learning rate, and applies the updated learning rate on the optimizer."
        rate = float32(_asked(schedule, epoch, rate))
        rates.append(rate)
    return Promise({"learning_rate": tuple(map(shortest, rates))})


def _asked(schedule: Callable[..., float], epoch: int, rate: float) -> float:
    """Ask a schedule; one with a single parameter is not documented, and in use everywhere."""
    try:
        inspect.signature(schedule).bind(epoch, rate)
    except TypeError:
        return schedule(epoch)
    return schedule(epoch, rate)
