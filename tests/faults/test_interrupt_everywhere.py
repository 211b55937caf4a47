"""A few of the moments of `interrupt_everywhere`, which is a script for all of them."""

import random
import signal

import pytest
from interrupt_everywhere import Work


@pytest.mark.parametrize(("name", "moments"), [("record", 3), ("check", 1), ("matrix", 1)])
def test_an_interrupt_leaves_nothing(name: str, moments: int) -> None:
    """No process, no temporary folder and no torn file; the status says who ended it."""
    work, draw = Work(name, ends=name == "record"), random.Random(name)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM)[:moments]:
        came = work.interrupt(number, draw.uniform(0.5, 3.0))
        assert work.is_fine(came, number), came
