"""Schedules that a scenario file can name."""


def halved(epoch: int, lr: float) -> float:
    """Half the rate, in every epoch."""
    return lr * 0.5


def kept(epoch: int, lr: float) -> float:
    """The rate as it is."""
    return lr


def stepped(epoch: int) -> float:
    """One for two epochs, then a tenth, whatever the rate is."""
    return 1.0 if epoch < 2 else 0.1
