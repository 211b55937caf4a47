"""Compares a call with what a scenario expects of it, and collects every mismatch."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dryfit.run import Run, hook_line
from dryfit.scenario.playing import Played
from dryfit.scenario.problems import did_you_mean
from dryfit.scenario.schema import Expect, Keys, MatchKeys
from dryfit.scenario.source import Key
from dryfit.table import number
from dryfit_fakes.float32 import float32
from dryfit_fakes.series import Series
from dryfit_fakes.weights import INITIAL, MIXED, Weights


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that is not as expected.

    Attributes:
        what: which expectation, such as ``learning_rate`` or ``state.EarlyStopping.wait``.
        epoch: where, if it has an epoch.
        expected: in words or numbers, as text.
        got: likewise.
        key: the expectation's place below ``expect``.
    """

    what: str
    epoch: int | None
    expected: str
    got: str
    key: Key


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a comparison.

    Attributes:
        failures: everything that is not as expected, in the order of the keys.
        checks: how many expectations were compared.
    """

    failures: tuple[Failure, ...]
    checks: int


def check(expect: Expect, played: Played) -> Checked:
    """Compare a call with an expectation; only what is named is compared."""
    named = [name for name in expect.given() if name not in ("tolerance", "accepted")]
    failures = list(_raises(expect, played))
    if played.run is not None or played.call.killed:
        run: Any = played.run  # of a process that was killed, files alone are expected
        compare = _Compare(played, run, exact=expect.tolerance == "exact")
        for name in named:
            if name != "raises":
                failures += compare.compare(name, getattr(expect, name))
    return Checked(tuple(failures), len(named))


class _Compare:
    """The comparison of one run, a method per key of `expect`."""

    def __init__(self, played: Played, run: Run, exact: bool) -> None:
        self.played, self.run, self.exact = played, run, exact

    def compare(self, name: str, expected: Any) -> Iterator[Failure]:
        method: Callable[[Any], Iterator[Failure]] = getattr(self, f"_{name}", None) or (
            lambda value: self._plain(name, value)
        )
        yield from method(expected)

    # Single facts.

    def _plain(self, name: str, expected: Any) -> Iterator[Failure]:
        got = getattr(self.run, name)
        if got != expected:
            yield Failure(name, None, str(expected), str(got), (name,))

    def _epochs(self, expected: list[int]) -> Iterator[Failure]:
        yield from self._items("epochs", expected, list(self.run.epochs), ("epochs",))

    def _stopped(self, expected: Any) -> Iterator[Failure]:
        got = self.run.stopped
        if expected == "never":
            if got is not None:
                yield Failure("stopped", got.epoch, "never", _event(got), ("stopped",))
        elif got is None:
            yield Failure("stopped", expected.epoch, _keys(expected), "never", ("stopped",))
        else:
            yield from self._event("stopped", expected, got, ("stopped",))

    def _weights(self, expected: Any) -> Iterator[Failure]:
        if not _are(self.run.weights, expected):
            yield Failure("weights", None, _keys(expected), str(self.run.weights), ("weights",))

    def _last_hook(self, expected: str) -> Iterator[Failure]:
        got = self.run.hooks[-1].name if self.run.hooks else "none"
        if got != expected:
            yield Failure("last_hook", None, expected, got, ("last_hook",))

    # Series.

    def _learning_rate(self, expected: Series) -> Iterator[Failure]:
        yield from self._series("learning_rate", expected, self.run.learning_rate, self.run.epochs)

    def _learning_rate_after(self, expected: Series) -> Iterator[Failure]:
        got = self.run.learning_rate_after
        yield from self._series("learning_rate_after", expected, got, self.run.epochs)

    def _state(self, expected: dict[str, Any]) -> Iterator[Failure]:
        states = self.run.state
        for name, values in expected.items():
            if name not in states:
                by = name.partition(".")[0]
                mine = [known for known in states if known.startswith(f"{by}.")]
                got = f"no such attribute{did_you_mean(name, mine)}"
                yield Failure(f"state.{name}", None, "a value", got, ("state", name))
            else:
                yield from self._series(
                    f"state.{name}", values, states[name], self.run.epochs, ("state", name)
                )

    def _history(self, expected: dict[str, Any]) -> Iterator[Failure]:
        for name, values in expected.items():
            got = self.run.history.get(name, [])
            if values != [] and not got:
                there = f"not in it; there are {_joined(sorted(self.run.history))}"
                yield Failure(f"history.{name}", None, "values", there, ("history", name))
            elif values == []:
                if got:
                    yield Failure(f"history.{name}", None, "never", str(got), ("history", name))
            else:
                epochs = self.run.epochs if len(got) == len(self.run.epochs) else ()
                yield from self._series(f"history.{name}", values, got, epochs, ("history", name))

    def _logs(self, expected: dict[str, dict[str, Series]]) -> Iterator[Failure]:
        for hook, keys in expected.items():
            hooks = [event for event in self.run.hooks if event.name == hook]
            for key, values in keys.items():
                got = [event.logs.get(key) for event in hooks]
                epochs = [event.epoch for event in hooks]
                yield from self._series(
                    f"logs.{hook}.{key}", values, got, epochs, ("logs", hook, key)
                )

    def _indices(self, expected: dict[str, list[int]]) -> Iterator[Failure]:
        for hook, values in expected.items():
            events = [event for event in self.run.hooks if event.name == hook]
            got = [event.epoch if event.batch is None else event.batch for event in events]
            yield from self._items(f"indices.{hook}", values, got, ("indices", hook))

    # Lists of things that happened.

    def _hooks(self, expected: list[str]) -> Iterator[Failure]:
        yield from self._items(
            "hooks", expected, [hook_line(hook) for hook in self.run.hooks], ("hooks",)
        )

    def _restored(self, expected: Any) -> Iterator[Failure]:
        yield from self._events("restored", expected, self.run.restored)

    def _reductions(self, expected: Any) -> Iterator[Failure]:
        yield from self._events("reductions", expected, self.run.reductions)

    def _overrides(self, expected: Any) -> Iterator[Failure]:
        yield from self._events("overrides", expected, self.run.overrides)

    def _unused(self, expected: Any) -> Iterator[Failure]:
        yield from self._events("unused", expected, self.run.unused)

    def _checkpoints(self, expected: Any) -> Iterator[Failure]:
        yield from self._events("checkpoints", expected, self.run.checkpoints)

    def _slept(self, expected: Any) -> Iterator[Failure]:
        yield from self._events("slept", expected, self.run.slept)

    def _files(self, expected: Any) -> Iterator[Failure]:
        files = self.played.files
        wanted = sorted(expected)
        if wanted != sorted(files):
            yield Failure("files", None, _joined(wanted), _joined(sorted(files)), ("files",))
        for path, content in expected.items() if isinstance(expected, dict) else ():
            if path in files and not _holds(files[path], content):
                shown = content if isinstance(content, str) else _keys(content)
                yield Failure(f"files.{path}", None, shown, str(files[path]), ("files", path))

    def _warnings(self, expected: Any) -> Iterator[Failure]:
        texts = [warning.message for warning in self.run.warnings]
        yield from _matches("warnings", expected, texts)

    def _prints(self, expected: Any) -> Iterator[Failure]:
        yield from _matches("prints", expected, [line.text for line in self.run.prints])

    # How things are compared.

    def _series(
        self,
        what: str,
        expected: Any,
        got: Sequence[Any],
        epochs: Sequence[int | None],
        key: Key = (),
    ) -> Iterator[Failure]:
        key = key or (what,)
        if isinstance(expected, list):
            yield from self._items(what, expected, list(got), key)
            return
        wanted = [expected.at(i) for i in range(len(got) if expected.open else len(expected))]
        if len(wanted) != len(got) or len(got) < len(expected):
            shown = " ".join(_shown(value) for value in expected.values)
            yield Failure(
                what,
                None,
                f"{len(expected)} values: {shown}",
                f"{len(got)} values: {' '.join(_shown(v) for v in got)}",
                key,
            )
            return
        for index, (value, have) in enumerate(zip(wanted, got, strict=True)):
            if not self._same(value, have):
                epoch = epochs[index] if epochs else index
                yield Failure(what, epoch, _shown(value), _shown(have), key)

    def _same(self, expected: Any, got: Any) -> bool:
        numbers = isinstance(expected, int | float) and isinstance(got, int | float)
        if not numbers:
            return bool(expected == got)
        if math.isnan(expected) or math.isnan(got):
            return math.isnan(expected) and math.isnan(got)
        if self.exact:
            return float32(float(expected)) == float32(float(got))
        return math.isclose(expected, got, rel_tol=1e-6)

    def _items(self, what: str, expected: list[Any], got: list[Any], key: Key) -> Iterator[Failure]:
        """Two lists, whole and in order; the first that differs is named."""
        for index, (value, have) in enumerate(zip(expected, got, strict=False)):
            if not self._same(value, have):
                yield Failure(f"{what}[{index}]", None, str(value), str(have), key)
                return
        if len(expected) > len(got):
            yield Failure(f"{what}[{len(got)}]", None, str(expected[len(got)]), "no more", key)
        elif len(got) > len(expected):
            yield Failure(f"{what}[{len(expected)}]", None, "no more", str(got[len(expected)]), key)

    def _events(self, what: str, expected: Any, got: Sequence[Any]) -> Iterator[Failure]:
        if isinstance(expected, dict):
            for by, epochs in expected.items():
                if by not in self.run.callbacks:
                    there = f"no such callback; there are {_joined(self.run.callbacks)}"
                    yield Failure(f"{what}.{by}", None, f"epochs {epochs}", there, (what, by))
                    continue
                have = [event.epoch for event in got if event.by == by]
                if have != epochs:
                    yield Failure(
                        f"{what}.{by}", None, f"epochs {epochs}", f"epochs {have}", (what, by)
                    )
            return
        for index, (keys, event) in enumerate(zip(expected, got, strict=False)):
            yield from self._event(f"{what}[{index}]", keys, event, (what, index))
        for index in range(len(got), len(expected)):
            yield Failure(
                f"{what}[{index}]",
                expected[index].epoch,
                _keys(expected[index]),
                "did not happen",
                (what, index),
            )
        for event in got[len(expected) :]:
            yield Failure(
                what, event.epoch, "no more" if expected else "never", _event(event), (what,)
            )

    def _event(self, what: str, expected: Keys, got: Any, key: Key) -> Iterator[Failure]:
        for name, value in expected.given().items():
            have = getattr(got, name)
            equal = _are(have, value) if name == "to" else self._same(value, have)
            if not equal:
                shown = _keys(value) if name == "to" else str(value)
                yield Failure(f"{what}.{name}", got.epoch, shown, str(have), (*key, name))


def _raises(expect: Expect, played: Played) -> Iterator[Failure]:
    error, run = played.error, played.run
    raised = None if run is None else run.raised
    if expect.raises is None:
        if error is not None:
            by = f" by {raised.by} in {raised.hook}" if raised is not None and raised.by else ""
            epoch = None if raised is None else raised.epoch
            message = f": {played.message}" if played.message else ""
            got = f"{type(error).__name__}{message}{by}"
            yield Failure("raises", epoch, "no exception", got, ())
        return
    if error is None and raised is None:
        yield Failure("raises", None, _keys(expect.raises), "no exception", ("raises",))
        return
    found: dict[str, Any] = {
        "type": type(error).__name__ if error is not None else raised.type,  # type: ignore[union-attr]
        "at": "construction" if run is None else "hook",
        "epoch": None if raised is None else raised.epoch,
        "batch": None if raised is None else raised.batch,
        "by": None if raised is None else raised.by,
    }
    message = played.message if error is not None else raised.message  # type: ignore[union-attr]
    for name, value in expect.raises.given().items():
        if name == "match":
            if value not in message:
                yield Failure("raises.match", found["epoch"], value, message, ("raises", "match"))
        elif name == "type" and error is not None:
            if value not in {kind.__name__ for kind in type(error).__mro__}:
                yield Failure("raises.type", found["epoch"], value, found["type"], ("raises", name))
        elif found[name] != value:
            yield Failure(
                f"raises.{name}", found["epoch"], str(value), str(found[name]), ("raises", name)
            )


def _matches(what: str, expected: list[Any], texts: list[str]) -> Iterator[Failure]:
    """Texts that occur in this order, others may stand between; or how often one occurs."""
    if expected == [] and texts:
        yield Failure(what, None, "never", f"{len(texts)}: {texts[0]!r}", (what,))
    position = 0
    for index, item in enumerate(expected):
        if isinstance(item, MatchKeys):
            times = sum(item.match in text for text in texts)
            if times != item.times:
                yield Failure(
                    f"{what}[{index}]",
                    None,
                    f"{item.match!r} {item.times} times",
                    f"{times} times",
                    (what, index),
                )
            continue
        found = [i for i in range(position, len(texts)) if item in texts[i]]
        if not found:
            rest = "; ".join(repr(text) for text in texts[position:]) or "nothing more"
            yield Failure(f"{what}[{index}]", None, repr(item), rest, (what, index))
            return
        position = found[0] + 1


def _are(weights: Weights | None, expected: Any) -> bool:
    if weights is None:
        return False
    if isinstance(expected, str):
        return weights == (INITIAL if expected == "initial" else MIXED)
    return all(getattr(weights, name) == value for name, value in expected.given().items())


def _holds(content: Weights | str, expected: Any) -> bool:
    if isinstance(content, Weights):
        return _are(content, expected)
    return isinstance(expected, str) and content.rstrip() == expected.rstrip()


def _shown(value: Any) -> str:
    return "_" if value is None else number(value)


def _keys(keys: Any) -> str:
    if isinstance(keys, str):
        return keys
    return ", ".join(
        f"{name} {_keys(value) if isinstance(value, Keys) else value}"
        for name, value in keys.given().items()
    )


def _event(event: Any) -> str:
    facts = {"epoch": event.epoch, "batch": event.batch, "by": event.by}
    facts |= {n: getattr(event, n, None) for n in ("path", "to", "new", "seconds")}
    return ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)


def _joined(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
