"""Difference: what is another than it was when somebody looked last, and so who changed it.

A callback can change the learning rate, ``stop_training``, the weights and the
shared ``logs`` in a hook, and its own attributes at any time.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from math import prod
from typing import Any

from dryfit.recorder.model_journal import ModelJournal
from dryfit.recorder.notes import Notes, shortened
from dryfit.run.timeline_events import DELETED, RATE, NotPlain
from dryfit.run.trace import are_plain, at_this_moment, same, settled
from dryfit_fakes.backend import keras
from dryfit_fakes.journal import Journal, Observation, journal_of
from dryfit_fakes.protocols import Callback, Model, Rates
from dryfit_fakes.weights import Weights

RELATIVE_TOLERANCE = 1e-6
NO_LOGS: dict[str, Any] = {}

_NOTHING = Observation(None, False, False)
_PLAIN = (bool, int, float, str, type(None))
_MOST_VALUES = 16  # of an array that is looked at after every epoch


class Difference:
    """Compares what callbacks can change with what it was, and notes what differs.

    Args:
        notes: where to; they say who is at work.

    Attributes:
        journal: says whose weights the model has, if anything can.
        beside: the same, if the model came without one.
        observe: reads what of the model a callback can change.
        seen: what was read last.
        logs: the logs that were copied last.
        trains_anew: whether the next batch trains with a rate that is to be noted.
        in_force: the rate that it trains with.
    """

    __slots__ = (
        "_live",
        "_model",
        "_notes",
        "_states",
        "beside",
        "in_force",
        "journal",
        "logs",
        "observe",
        "seen",
        "trains_anew",
    )

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self.journal: Journal | None = None
        self.beside: ModelJournal | None = None
        self.observe: Callable[[], Observation] = lambda: _NOTHING
        self.seen = _NOTHING
        self.logs = NO_LOGS
        self.trains_anew = True
        self.in_force: Rates = None
        self._states: dict[str, dict[str, Any]] = {}  # by callback and attribute
        self._model: Model | None = None
        self._live = False  # whether the logs have values that may be others by and by

    def watch(self, model: Model) -> None:
        """Look at a model from here on; a real one that has no journal gets one beside it."""
        before, self.beside = self.beside, None
        self._model = model
        self.journal = journal_of(model)
        if self.journal is None and isinstance(model, keras.Model):
            again = before is not None and before.model is model
            self.journal = self.beside = before if again else ModelJournal(model)
        anybodys: Any = model
        reader = self.journal or ModelJournal(anybodys)  # of a foreign one, as far as it goes
        self.observe = reader.observe
        reader.listen(self._notes.used_weights, self._notes.unread)

    def begin(self) -> None:
        """Begin a run: what differs here is nobody's doing."""
        self._states = {}
        self.seen = self.observe()

    @property
    def whose(self) -> Weights | None:
        """Whose weights the model has; ``None`` where nothing can tell."""
        return None if self.journal is None else self.journal.weights_identity

    def settle(self) -> None:
        """Note what of the model differs."""
        now = self.observe()
        if now is not self.seen and now != self.seen:  # mostly it is the very object
            self._compare(now)

    def noted(self, logs: dict[str, Any]) -> dict[str, Any]:
        """The logs as they are at this moment: what is live in them becomes a number."""
        if not logs:
            return NO_LOGS
        if self._live or not same(logs, self.logs):
            self._live = not are_plain(logs)
            if not self._live:
                self.logs = dict(logs)
            elif not same(now := at_this_moment(logs), self.logs):
                self.logs = now
        return self.logs

    def rate_in_force(self) -> Rates:
        """The rate that a batch trained with which is over.

        Before the first, what is made of several optimizers may have none yet
        (``MultiOptimizer.build``, ``keras/src/optimizers/multi_optimizer.py``, 3.15.1).
        """
        if self.in_force == {} and self.journal is not None:
            self.settle()
            self.seen = self.seen._replace(learning_rate=self.journal.first_rates())
            return self.seen.learning_rate
        return self.in_force

    def settle_all(self, logs: dict[str, Any], seen: dict[str, Any]) -> dict[str, Any]:
        """Note what of the model and of the logs differs; return the logs as they are now."""
        self._compare(self.observe())
        now = at_this_moment(logs)
        for key in [*seen, *(key for key in now if key not in seen)]:
            old, new = seen.get(key), now.get(key)
            if not same(old, new) or (key in seen) != (key in now):
                self._notes.wrote(key, old, new)
        return now

    def settle_states(self, epoch: int | None, named: Iterable[tuple[str, Callback]]) -> None:
        """Note which plain attributes of callbacks differ."""
        for name, callback in named:
            known = self._states.setdefault(name, {})
            kept = getattr(callback, "__dict__", {})
            for attribute, value in list(kept.items()):
                if value is known.get(attribute, self):  # the very object
                    continue
                try:
                    now = self._plain(value)
                except Exception as error:  # an object of somebody's, whatever it makes of this
                    self._notes.unread(f"{name}.{attribute}", error)
                    now = _of_type(value)
                # What was never plain is left out: every callback has the model.
                if same(known.get(attribute, self), now) or (
                    isinstance(now, NotPlain) and attribute not in known
                ):
                    continue
                known[attribute] = now
                self._notes.has_state(epoch, name, attribute, now)
            for attribute in [a for a in known if a not in kept and known[a] is not DELETED]:
                known[attribute] = DELETED
                self._notes.has_state(epoch, name, attribute, DELETED)

    def _plain(self, value: Any) -> Any:
        """An attribute as it is noted: plain, of a variable or a small array its numbers."""
        if isinstance(value, str):
            return self._notes.relative(shortened(value))
        if not isinstance(value, _PLAIN):
            if value is self._model or not _is_small(value):
                return _of_type(value)
            is_scalar = value.shape == () and hasattr(value, "item")
            value = value.item() if is_scalar else keras.ops.convert_to_numpy(value).tolist()
        return settled(value)

    def _compare(self, now: Observation) -> None:
        old = self.seen
        differing = list(_differing(old.learning_rate, now.learning_rate))
        for name, before, after in differing:
            self._notes.changed(RATE + name, before, after)
            self.trains_anew = True
        # Small steps are noted once they add up; where none was made, it stays the very object.
        moved = now.learning_rate != old.learning_rate
        if moved and not differing and old.learning_rate != {}:
            now = now._replace(learning_rate=old.learning_rate)
        if old.stop_training != now.stop_training:
            self._notes.changed("stop_training", old.stop_training, now.stop_training)
        if now.edited and not old.edited:
            self._notes.changed("weights", None, self.whose)
        self.seen = now


def _differing(old: Rates, new: Rates) -> Iterator[tuple[str, float | None, float | None]]:
    """Each rate that is another, by what stands behind ``learning_rate`` in its name."""
    if not (isinstance(old, dict) or isinstance(new, dict)):  # one optimizer, as nearly always
        if not _same_rate(old, new):
            yield "", old, new
        return
    if old == {}:  # the optimizers were made just now: nobody's doing
        return
    before, after = _by_name(old), _by_name(new)
    for name in {**before, **after}:
        if not _same_rate(before.get(name), after.get(name)):
            yield name, before.get(name), after.get(name)


def _by_name(rates: Rates) -> dict[str, float | None]:
    if isinstance(rates, dict):
        return {f"_{name}": rate for name, rate in rates.items()}
    return {} if rates is None else {"": rates}


def _of_type(value: object) -> NotPlain:
    """The name of Python's own types; of all else none, as lanes have models of other types."""
    kind = type(value)
    return NotPlain(f"({kind.__name__})" if kind.__module__ == "builtins" else "(object)")


def _is_small(value: Any) -> bool:
    shape = getattr(value, "shape", None)
    if shape is None or not hasattr(value, "__array__"):
        return False
    try:
        sizes = tuple(shape)
    except (TypeError, ValueError):  # of a tensor whose shape nobody knows
        return False
    return None not in sizes and prod(sizes) <= _MOST_VALUES


def _same_rate(old: float | None, new: float | None) -> bool:
    """Whether two rates are equal within 1e-6; nan equals nan."""
    if old is None or new is None or math.isnan(old) or math.isnan(new):
        return same(old, new)
    return math.isclose(old, new, rel_tol=RELATIVE_TOLERANCE)
