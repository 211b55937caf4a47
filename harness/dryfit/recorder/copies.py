"""Copies of the process: a callback may fork, and both come back out of its hook.

One goes on. The other ends at once: threads that it needs are not there, so what it does
next may wait for ever, and what it tells would be told twice.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_copied: list[bool] = []
_made: list[bool] = []
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        after_in_child=lambda: _copied.append(True), after_in_parent=lambda: _made.append(True)
    )


@contextmanager
def one_process() -> Iterator[None]:
    """Let copies that are made within end, as soon as a hook is left."""
    _copied.clear()
    try:
        yield
    finally:
        end_copy()


def copies_made() -> int:
    """How often this process was copied."""
    return len(_made)


def end_copy() -> None:
    """End this process, if it is a copy."""
    if _copied:
        os._exit(0)
