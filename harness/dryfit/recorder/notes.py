"""Notes: what goes into the trace of a run, each at its place."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from dryfit.run.timeline_events import (
    RATE,
    Began,
    Change,
    LogWrite,
    Printed,
    Raised,
    Slept,
    State,
    Trained,
    Unread,
    Warned,
    WeightsUsed,
)
from dryfit.run.trace import Trace, settled
from dryfit_fakes.float32 import shortest
from dryfit_fakes.journal import WeightsCall
from dryfit_fakes.protocols import Rates
from dryfit_fakes.strict import NotOfferedError
from dryfit_fakes.weights import Weights

Place: TypeAlias = tuple[int | None, int | None, str | None, str | None]


_LONGEST = 10_000  # characters of a text


def shortened(text: str) -> str:
    """A text of a length that somebody reads; it says how much is left out."""
    left_out = len(text) - _LONGEST
    return text if left_out <= 0 else f"{text[:_LONGEST]}… ({left_out} characters left out)"


class Notes:
    """The trace of a run, and the place at which the next event happens.

    Attributes:
        trace: what happened so far.
        relative: how a path is noted.
        epoch: the epoch under way, as its hooks were told.
        batch: the batch whose hook was called last; ``None`` after another hook.
        hook: the hook that was called last.
        by: who is at work in it; ``None`` between callbacks.
    """

    __slots__ = ("_unread", "batch", "by", "epoch", "hook", "relative", "trace")

    def __init__(self) -> None:
        self.begin()
        self.relative: Callable[[str], str] = str
        self.epoch: int | None = None
        self.batch: int | None = None
        self.hook: str | None = None
        self.by: str | None = None

    def begin(self) -> None:
        """Begin another trace."""
        self.trace = Trace()
        self._unread: set[tuple[str, str]] = set()

    @property
    def place(self) -> Place:
        """Where the run is: epoch, batch, hook, and who is at work."""
        if self.by is None:
            return (self.epoch, None, None, None)
        return (self.epoch, self.batch, self.hook, self.by)

    def warned(self, category: str, message: str) -> None:
        """A warning, by whoever is at work."""
        self.trace.add(Warned(*self.place, category, self.relative(shortened(message))))

    def printed(self, text: str, place: Place) -> None:
        """A printed line, and where it was begun."""
        if "━" not in text:  # Keras' progress bar has times in it; its logs are noted anyway
            self.trace.add(Printed(*place, self.relative(shortened(text))))

    def slept(self, seconds: float) -> None:
        """Whoever is at work slept; a loop of short sleeps is one long one."""
        last, place = self.trace.last, self.place
        if isinstance(last, Slept) and (last.epoch, last.batch, last.hook, last.by) == place:
            self.trace.replace_last(Slept(*place, last.seconds + seconds))
        else:
            self.trace.add(Slept(*place, seconds))

    def trained(self, learning_rate: Rates) -> None:
        """The batch under way trained with a rate that none before it had."""
        assert self.batch is not None
        self.trace.add(Trained(self.epoch, self.batch, plain_rates(learning_rate)))

    def begins(
        self, learning_rate: Rates, weights: Weights | None, callbacks: Sequence[str]
    ) -> None:
        """A run begins with a rate, weights and callbacks."""
        self.trace.add(Began(plain_rates(learning_rate), weights, tuple(callbacks)))

    def changed(self, what: str, old: object, new: object) -> None:
        """Something of the model is another than before."""
        then, now = settled(old), settled(new)
        if what.startswith(RATE):
            then, now = plain_rates(then), plain_rates(now)
        self.trace.add(Change(what, *self.place, then, now))

    def wrote(self, key: str, old: object, new: object) -> None:
        """A value in the shared logs is another than before."""
        self.trace.add(LogWrite(key, *self.place, settled(old), settled(new)))

    def used_weights(self, call: WeightsCall) -> None:
        """Weights were read, set, saved or loaded by a call of the model's methods."""
        path = None if call.path is None else self.relative(call.path)
        self.trace.add(WeightsUsed(call.method, *self.place, path, call.old, call.new))

    def has_state(self, epoch: int | None, by: str, attribute: str, value: object) -> None:
        """A callback's attribute has a value that it did not have before."""
        self.trace.add(State(epoch, by, attribute, value))

    def unread(self, what: str, error: Exception) -> None:
        """Something could not be read; said once for each reason."""
        message = self.relative(shortened(readable(error).partition("\n")[0]))
        if (what, message) not in self._unread:
            self._unread.add((what, message))
            self.trace.add(Unread(what, *self.place, type(error).__name__, message))

    def raised(self, error: BaseException) -> None:
        """An exception came out of who is at work, or from outside of any hook."""
        if isinstance(error, NotOfferedError) and self.by is not None:
            error.add_note(f"asked for by {self.by}.{self.hook}, epoch {self.epoch}")
        message = self.relative(shortened(readable(error).partition("\n")[0]))
        self.trace.add(Raised(*self.place, type(error).__name__, message))


def plain_rates(rates: Rates) -> Rates:
    """Rates as a run tells them: 0.1, where float32 has 0.10000000149."""
    if isinstance(rates, dict):
        return {name: shortest(rate) for name, rate in rates.items()}
    return None if rates is None else shortest(rates)


def readable(error: BaseException) -> str:
    """What an exception says, if its text can be read: that is code of its own, too."""
    try:
        return str(error)
    except Exception as broken:
        return f"its message cannot be made: {type(broken).__name__}"
