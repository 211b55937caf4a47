"""What callbacks remembered, and which of it there is where a name is wrong."""

from typing import Any


class AttributeSeries(dict[str, tuple[Any, ...]]):
    """A series for each attribute of a callback, by ``Callback.attribute``.

    >>> AttributeSeries({"EarlyStopping.wait": (0, 1)})["EarlyStopping.wat"]
    Traceback (most recent call last):
    KeyError: 'EarlyStopping.wat: no such attribute with plain values; there are EarlyStopping.wait'
    """

    def __missing__(self, name: str) -> tuple[Any, ...]:
        callback = name.partition(".")[0]
        if mine := sorted(key for key in self if key.partition(".")[0] == callback):
            raise KeyError(
                f"{name}: no such attribute with plain values; there are {', '.join(mine)}"
            )
        names = ", ".join(sorted({key.partition(".")[0] for key in self})) or "none"
        raise KeyError(f"{name}: no callback of this name has plain attributes; there are {names}")
