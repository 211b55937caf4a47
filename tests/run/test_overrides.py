"""Which rates were thrown away, and by whom."""

from dryfit.run.overrides import overridden, untrained
from dryfit.run.timeline_events import Change, Override, Trained

RATE = "learning_rate"


def change(by: str | None, new: float, what: str = RATE) -> Change:
    return Change(what, 2, None, "on_epoch_end", by, 1.0, new)


def test_a_rate_that_another_replaces_is_overridden() -> None:
    """The override is the later change, and says whose it undoes."""
    (found,) = overridden([change("Cuts", 0.5), change("Schedules", 1.0)])
    assert found == Override(RATE, 2, None, "on_epoch_end", "Schedules", 1.0, 1.0, undoes="Cuts")


def test_nobody_overrides_himself() -> None:
    """Nor does the code around the callbacks, which nobody is, and nobody is overridden."""
    for first, second in (("Cuts", "Cuts"), ("Cuts", None), (None, "Cuts")):
        assert list(overridden([change(first, 0.5), change(second, 0.1)])) == []


def test_a_rate_that_trained_is_not_overridden() -> None:
    """One batch is enough."""
    events = [change("Cuts", 0.5), Trained(3, 0, 0.5), change("Schedules", 1.0)]
    assert list(overridden(events)) == []
    assert list(untrained(events)) == [(events[2], None)]


def test_optimizers_are_told_apart() -> None:
    """The rate of one does not replace that of another."""
    slow, fast = change("Cuts", 0.5, f"{RATE}_slow"), change("Schedules", 0.1, f"{RATE}_fast")
    assert list(untrained([slow, fast])) == [(slow, None), (fast, None)]
