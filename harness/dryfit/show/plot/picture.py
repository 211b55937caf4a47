"""What a picture of a run shows, as frozen values.

Times are counted in epochs: an epoch lies between its index - 0.5 and + 0.5, with
what it reported in the middle. A rate that is set at the end of epoch 2 is set at 2.5,
and so is one that replaces it at the begin of epoch 3.
"""

from dataclasses import dataclass

from dryfit.show.plot.curves import CurvePanel


@dataclass(frozen=True, slots=True)
class Stop:
    """Training stops, by a callback or with an exception.

    Attributes:
        by: who did it; ``None`` if it was none of the callbacks.
        error: the exception's type; empty if `by` asked for the stop.
    """

    at: float
    epoch: int | None
    batch: int | None
    by: str | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Restore:
    """Weights come back.

    Attributes:
        epoch: in which epoch it happens; ``None`` before the first.
        whose: whose weights the model has then, in words.
        to: the epoch of this run that trained them, ``None`` if it is none.
    """

    at: float
    epoch: int | None
    by: str | None
    whose: str
    to: int | None


@dataclass(frozen=True, slots=True)
class Save:
    """A file of weights is written."""

    at: float
    epoch: int | None
    by: str | None


@dataclass(frozen=True, slots=True)
class Cut:
    """The learning rate becomes lower.

    Attributes:
        used: whether a batch trained with the lower rate.
    """

    at: float
    epoch: int | None
    by: str | None
    old: float
    new: float
    used: bool


@dataclass(frozen=True, slots=True)
class DrawnOverride:
    """A rate is thrown away: replaced before any batch trained with it.

    Attributes:
        epoch: in which epoch it is replaced.
        by: who replaces it.
        undoes: whose it was.
        set_in: the epoch in which that was set; ``None`` before the first.
        thrown_away: the rate that nothing trained with.
        new: the rate in its place.
    """

    at: float
    epoch: int | None
    by: str
    undoes: str
    set_in: int | None
    thrown_away: float
    new: float


@dataclass(frozen=True, slots=True)
class Cooldown:
    """Epochs in a row that a callback does not judge, because it has just cut the rate.

    The epoch at whose end the counter is down to 0 is judged, and not among them.
    """

    by: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture of a run shows.

    Attributes:
        first: the first epoch.
        last: the last that began.
        began: whether any epoch did; if not, the first and the last are 0.
        panels: the curves, those of one metric together.
        rates: the learning rate in force: since when, and what.
        rates_logged: whether `rates` is what logs say, which is less than a run knows.
        learning_rate: the rate in force in each epoch that ran.
        learning_rate_after: the rate after each one's last hook.
        never_run: the first and the last epoch that were asked for and did not begin.
    """

    first: int
    last: int
    began: bool
    panels: tuple[CurvePanel, ...]
    rates: tuple[tuple[float, float], ...] = ()
    rates_logged: bool = False
    learning_rate: tuple[float | None, ...] = ()
    learning_rate_after: tuple[float | None, ...] = ()
    stops: tuple[Stop, ...] = ()
    restored: tuple[Restore, ...] = ()
    saved: tuple[Save, ...] = ()
    cuts: tuple[Cut, ...] = ()
    overrides: tuple[DrawnOverride, ...] = ()
    cooldowns: tuple[Cooldown, ...] = ()
    never_run: tuple[int, int] | None = None
