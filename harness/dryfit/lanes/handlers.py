"""Python's functions for signals' handlers, without the enums that `signal` makes around them.

An enum is sought for every handler that is given back, function or not, which takes longer
than setting it; a play sets several.
"""

import _signal  # type: ignore[import-not-found]
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeAlias

Handler: TypeAlias = Callable[[int, FrameType | None], Any] | int | None

handler_of: Callable[[int], Handler] = _signal.getsignal
set_handler: Callable[[int, Handler], Handler] = _signal.signal
numbers: Callable[[], set[int]] = _signal.valid_signals
