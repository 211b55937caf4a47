"""Events compare by their fields."""

from typing import Any

import pytest

from dryfit.run.timeline_events import Change, Hook, LogWrite, Override
from dryfit_fakes.float32 import NAN


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Hook, ("on_epoch_end", 0, None, {"loss": NAN})),
        (LogWrite, ("loss", 0, None, "on_epoch_end", "Mine", None, NAN)),
        (Change, ("learning_rate", 0, None, "on_epoch_end", "Mine", 0.1, NAN)),
    ],
)
def test_two_events_with_one_nan_are_equal(kind: Any, fields: tuple[Any, ...]) -> None:
    """On every Python: two plays of one script give equal timelines."""
    assert kind(*fields) == kind(*fields)
    assert (kind(*fields) != kind(*fields)) is False


def test_an_event_is_not_equal_to_one_of_another_class() -> None:
    """An override is a change, and more."""
    change = Change("learning_rate", 0, None, "on_epoch_end", "Mine", 0.1, 0.01)
    override = Override("learning_rate", 0, None, "on_epoch_end", "Mine", 0.1, 0.01, "Theirs")
    assert change != override
    assert override != change


@pytest.mark.parametrize("at", range(7))
def test_each_field_counts(at: int) -> None:
    """An event with one other field is another event."""
    fields: list[Any] = ["learning_rate", 0, 1, "on_epoch_end", "Mine", 0.1, 0.01]
    other = [*fields[:at], "other", *fields[at + 1 :]]
    assert Change(*fields) != Change(*other)
    assert len({Change(*fields), Change(*fields), Change(*other)}) == 2
