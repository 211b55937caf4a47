"""Facts that are series: a value an epoch, or a value a dispatch."""

from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

from dryfit.facts.comparing import Comparing, joined, no_such_callback
from dryfit.facts.fact import Fact, FactOutcome, RecordedTraining
from dryfit.facts.failure import Failure, Failures, Key
from dryfit.facts.notation import flow, listed, number, series, written_series
from dryfit.facts.readable import six_digits
from dryfit.facts.suggestions import did_you_mean
from dryfit.facts.values import RatesText, SeriesOrNever, Values
from dryfit.run.timeline_events import Hook
from dryfit_fakes.protocols import Plain
from dryfit_fakes.script import Script
from dryfit_fakes.series import Series

if TYPE_CHECKING:
    from dryfit.run.run import Run


# A series, or a list of values that is none.
Listed: TypeAlias = Series | list[Plain]

# The rates of one optimizer, or by name those of several.
ExpectedRates: TypeAlias = Series | dict[str, Series]


class LearningRate(Fact[ExpectedRates]):
    """What the first batch of each epoch trained with; of several optimizers each by its name."""

    name = "learning_rate"
    several = "learning_rates"
    type = RatesText
    shown = "learning rate"
    in_json = True

    def of(self, run: "Run") -> Any:
        """The rates of one optimizer, or by name those of several."""
        return getattr(run, self.several) or super().of(run)

    def compare(self, expected: ExpectedRates, outcome: FactOutcome, how: Comparing) -> Failures:
        """Compare them epoch by epoch."""
        run, got = outcome.run, self.of(outcome.run)
        if isinstance(expected, dict) != isinstance(got, dict):
            told, there = (_whose_rates(rates) for rates in (expected, got))
            yield Failure(self.name, None, told, there, (self.name,))
        elif not isinstance(expected, dict):
            yield from how.series(self.name, expected, got, run.epochs, (self.name,))
        else:
            for name, values in expected.items():
                yield from self._of_one(name, values, got, run, how)

    def _of_one(
        self, name: str, expected: Series, got: Mapping[str, Any], run: "Run", how: Comparing
    ) -> Failures:
        what, key = f"{self.name}.{name}", (self.name, name)
        if name in got:
            yield from how.series(what, expected, got[name], run.epochs, key)
            return
        there = f"no such optimizer{did_you_mean(name, list(got))}; there are {joined(sorted(got))}"
        yield Failure(what, None, "rates", there, key)

    def write(self, outcome: FactOutcome, expected: ExpectedRates | None, exact: bool) -> str:
        """Write them as a series."""
        got = self.of(outcome.run)
        if isinstance(got, dict):
            return flow({name: written_series(rates, exact) for name, rates in got.items()})
        return written_series(got, exact)

    def series(self, expected: ExpectedRates) -> Iterator[tuple[Key, Any]]:
        """It, or each of them."""
        if not isinstance(expected, dict):
            yield (), expected
            return
        for name, values in expected.items():
            yield (name,), values

    def plain(self, expected: ExpectedRates, script: Script) -> Iterator[tuple[str, Any]]:
        """All of it, if it says how long it is."""
        if isinstance(expected, Series) and not expected.open:
            yield self.shown, list(expected.values)

    def recorded(self, training: RecordedTraining) -> Any:
        """All of it, exactly."""
        if not training.rates_known:
            return None
        if rates := getattr(training.run, self.several):
            return {name: series(map(number, values)) for name, values in rates.items()}
        return series(map(number, getattr(training.run, self.name)))

    def summary(self, run: "Run") -> Iterator[tuple[str, str]]:
        """The first few rates."""
        rates = [rate for rate in run.learning_rate if rate is not None]
        kept = [rate for rate, _ in groupby(rates)]
        if kept:
            more = [] if len(kept) <= 8 else ["..."]
            yield self.shown, ", ".join([*map(six_digits, kept[: 8 - len(more)]), *more])


def _whose_rates(rates: object) -> str:
    names = joined(sorted(rates)) if isinstance(rates, dict) else "one optimizer"
    return f"rates of {names}"


class LearningRateAfter(LearningRate):
    """The rate after the last hook of each epoch: what the next one begins with."""

    name = "learning_rate_after"
    several = "learning_rates_after"
    shown = "learning rate after"

    def summary(self, run: "Run") -> Iterator[tuple[str, str]]:
        """Nothing: the next epoch's rate says it."""
        return iter(())


class StateFact(Fact[dict[str, Listed]]):
    """Plain attributes of callbacks, after the last hook of each epoch."""

    name = "state"
    type = dict[str, Values]

    def compare(
        self, expected: dict[str, Listed], outcome: FactOutcome, how: Comparing
    ) -> Failures:
        """Compare each attribute epoch by epoch."""
        states = self.of(outcome.run)
        for name, values in expected.items():
            what, key = f"state.{name}", (self.name, name)
            if name in states or not (values or outcome.run.epochs):
                got = states.get(name, ())
                yield from how.series(what, values, got, outcome.run.epochs, key)
                continue
            got = _no_such_attribute(name, list(states), outcome.run.callbacks)
            yield Failure(what, None, "a value", got, key)

    def write(self, outcome: FactOutcome, expected: dict[str, Listed] | None, exact: bool) -> str:
        """Write the attributes that are named, or all that change; all, if none does."""
        state = self.of(outcome.run)
        changing = [name for name, values in state.items() if len(set(map(repr, values))) > 1]
        found = {}
        for name in list(expected or {}) or changing or state:
            values = state.get(name, ())
            found[name] = written_series(values, exact) if _numbers(values) else listed(values)
        return flow(found)

    def series(self, expected: dict[str, Listed]) -> Iterator[tuple[Key, Any]]:
        """Each of them."""
        for name, values in expected.items():
            yield (name,), values

    def plain(self, expected: dict[str, Listed], script: Script) -> Iterator[tuple[str, Any]]:
        """Those of callbacks that are the only one of their class."""
        plain = {n: s for n, s in expected.items() if "#" not in n and n.count(".") == 1}
        values = {n: s if isinstance(s, list) else list(s.values) for n, s in plain.items()}
        if values:
            yield self.name, values

    def texts(
        self, outcome: FactOutcome, asked: Sequence[dict[str, Listed]]
    ) -> Iterator[tuple[str, str]]:
        """Say what each that is named was."""
        for name in (name for expected in asked for name in expected):
            yield f"state.{name}", _in_words(self.of(outcome.run).get(name, ()))


def _no_such_attribute(name: str, known: Sequence[str], callbacks: Sequence[str]) -> str:
    by, dot, _ = name.partition(".")
    if not dot:
        return "no attribute of a callback; write Callback.attribute"
    if by not in callbacks:
        return no_such_callback(by, callbacks)
    mine = [attribute for attribute in known if attribute.startswith(f"{by}.")]
    return f"no such attribute with plain values{did_you_mean(name, mine)}"


class History(Fact[dict[str, Series]]):
    """A list for each metric, an epoch each, as in Keras (keras/src/callbacks/history.py)."""

    name = "history"
    type = dict[str, SeriesOrNever]
    in_json = True

    def compare(
        self, expected: dict[str, Series], outcome: FactOutcome, how: Comparing
    ) -> Failures:
        """Compare each metric, or that there is none of that name."""
        run = outcome.run
        for name, values in expected.items():
            what, key = f"history.{name}", (self.name, name)
            got = self.of(run).get(_logged_as(name, self.of(run)), [])
            if values and not got:
                there = f"not in it; there are {joined(sorted(self.of(run)))}"
                yield Failure(what, None, "values", there, key)
            elif not values:
                if got:
                    yield Failure(what, None, "never", str(got), key)
            else:
                epochs = run.epochs if len(got) == len(run.epochs) else ()
                yield from how.series(what, values, got, epochs, key)

    def write(self, outcome: FactOutcome, expected: dict[str, Series] | None, exact: bool) -> str:
        """Write all of it."""
        history = {_named(name): v for name, v in self.of(outcome.run).items()}
        return flow({n: written_series(v, exact) for n, v in history.items() if _are_single(v)})

    def metrics(self, expected: dict[str, Series]) -> Iterator[tuple[Key, str]]:
        """Each of them."""
        for name in expected:
            yield (name,), name


class Logs(Fact[dict[str, dict[str, Series]]]):
    """What the first callback was handed as ``logs``, dispatch by dispatch."""

    name = "logs"
    type = dict[str, dict[str, SeriesOrNever]]
    needs_batches = True

    def of(self, run: "Run") -> dict[str, list[Hook]]:
        """The dispatches of each hook."""
        found: dict[str, list[Hook]] = {}
        for event in run.hooks:
            found.setdefault(event.name, []).append(event)
        return found

    def compare(
        self, expected: dict[str, dict[str, Series]], outcome: FactOutcome, how: Comparing
    ) -> Failures:
        """Compare each key of each hook, dispatch by dispatch."""
        dispatches = self.of(outcome.run)
        for hook, keys in expected.items():
            events = dispatches.get(hook, [])
            epochs = [event.epoch for event in events]
            for key, values in keys.items():
                what, place = f"logs.{hook}.{key}", (self.name, hook, key)
                yield from how.series(what, values, _values(events, key), epochs, place)

    def write(
        self, outcome: FactOutcome, expected: dict[str, dict[str, Series]] | None, exact: bool
    ) -> str:
        """Write the keys that are named, or all of a hook, which is ``on_epoch_end``."""
        dispatches, found = self.of(outcome.run), {}
        for hook, keys in (expected or {"on_epoch_end": {}}).items():
            events = dispatches.get(hook, [])
            wanted = list(keys) or sorted({_named(key) for event in events for key in event.logs})
            told = {key: _values(events, key) for key in wanted}
            found[hook] = {k: written_series(v, exact) for k, v in told.items() if _are_single(v)}
        return flow(found)

    def metrics(self, expected: dict[str, dict[str, Series]]) -> Iterator[tuple[Key, str]]:
        """Those of an epoch's and the training's end."""
        for hook, keys in expected.items():
            if hook in ("on_epoch_end", "on_train_end"):
                yield from (((hook, name), name) for name in keys)

    def hooks(self, expected: dict[str, dict[str, Series]]) -> Iterator[tuple[Key, str]]:
        """Each of them."""
        for hook in expected:
            yield (hook,), hook

    def empty(self, expected: dict[str, dict[str, Series]]) -> Iterator[Key]:
        """It, or a hook of which no key is named."""
        yield from super().empty(expected)
        for hook, keys in expected.items():
            if not keys:
                yield (hook,)

    def texts(
        self, outcome: FactOutcome, asked: Sequence[dict[str, dict[str, Series]]]
    ) -> Iterator[tuple[str, str]]:
        """Say what each key that is named was."""
        dispatches = self.of(outcome.run)
        for hook, keys in (named for expected in asked for named in expected.items()):
            for key in keys:
                values = _values(dispatches.get(hook, []), key)
                yield f"logs.{hook}.{key}", _in_words(values)


def _values(events: Sequence[Hook], key: str) -> list[object]:
    return [event.logs.get(_logged_as(key, event.logs)) for event in events]


# A file says `learning_rate` for the rate that a callback logs, whatever Keras calls it.


def _logged_as(name: str, there: Container[str]) -> str:
    from dryfit_fakes.releases import RATE_IN_LOGS

    return RATE_IN_LOGS if name == "learning_rate" and name not in there else name


def _named(key: str) -> str:
    from dryfit_fakes.releases import RATE_IN_LOGS

    return "learning_rate" if key == RATE_IN_LOGS else key


def _numbers(values: Sequence[Any]) -> bool:
    return all(value is None or isinstance(value, int | float) for value in values)


def _are_single(values: Sequence[Any]) -> bool:
    """Whether values are numbers: a series has no word for a metric that is an array, or text."""
    from numpy import ndim  # files are read without it

    return all(ndim(value) == 0 and not isinstance(value, str) for value in values)


def _in_words(values: Sequence[Any]) -> str:
    if _numbers(values):
        return written_series(values) if values else "none"
    return ", ".join(map(str, values))
