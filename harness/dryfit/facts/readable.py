"""Values as people read them."""


def six_digits(value: object) -> str:
    """Write a value as a table has it: six digits, as far as 1e-6 relative goes."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def at_epoch(what: str, epoch: int | None) -> str:
    """Say which expectation, and in which epoch it was not met, if in one.

    >>> at_epoch("history.loss", 3)
    'history.loss, epoch 3'
    """
    return what if epoch is None else f"{what}, epoch {epoch}"
