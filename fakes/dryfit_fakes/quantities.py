"""A number of things, in words."""


def quantity(count: int, noun: str) -> str:
    """Write how many there are, with the noun's plural where it is not one.

    >>> quantity(1, "scenario"), quantity(0, "batch"), quantity(1200, "epoch")
    ('1 scenario', '0 batches', '1,200 epochs')
    """
    plural = f"{noun}es" if noun.endswith(("tch", "s", "x")) else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"
