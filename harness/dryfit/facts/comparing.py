"""How what is expected is compared with what came: values, series, lists, weights."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dryfit.facts.failure import Failure, Failures, Key
from dryfit.facts.mapping_keys import Keys
from dryfit.facts.readable import six_digits
from dryfit.facts.suggestions import did_you_mean
from dryfit_fakes.float32 import float32
from dryfit_fakes.protocols import Plain
from dryfit_fakes.quantities import quantity
from dryfit_fakes.series import Series
from dryfit_fakes.weights import INITIAL, MIXED, Weights

RELATIVE_TOLERANCE = 1e-6


class Happening(Protocol):
    """What happened in an epoch, by somebody's doing."""

    @property
    def epoch(self) -> int | None: ...  # noqa: D102

    @property
    def batch(self) -> int | None: ...  # noqa: D102

    @property
    def by(self) -> str | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Comparing:
    """Compares within 1e-6 relative, or float32 by float32.

    Attributes:
        exact: whether two numbers have to be the same float32.
    """

    exact: bool = False

    def same(self, expected: object, got: object) -> bool:
        """Whether two values are equal; nan equals nan, and a count only the same count."""
        if not (isinstance(expected, int | float) and isinstance(got, int | float)):
            return bool(expected == got)
        if isinstance(expected, int) and isinstance(got, int):
            return bool(expected == got)
        if math.isnan(expected) or math.isnan(got):
            return math.isnan(expected) and math.isnan(got)
        if self.exact:
            return float32(float(expected)) == float32(float(got))
        return math.isclose(expected, got, rel_tol=RELATIVE_TOLERANCE)

    def series(
        self,
        what: str,
        expected: Series | list[Plain],
        got: Sequence[object],
        epochs: Sequence[int | None],
        key: Key,
    ) -> Failures:
        """Compare a series, or a list of values, epoch by epoch.

        Args:
            what: the expectation, as a failure names it.
            expected: a `Series`, or a list of plain values.
            got: a value an epoch, or one a dispatch; ``None`` where there is none.
            epochs: of each value; empty if values are not by epoch.
            key: the expectation's place below ``expect``.
        """
        if isinstance(expected, list):
            yield from self.items(what, expected, list(got), key)
            return
        wanted = [expected.at(i) for i in range(len(got) if expected.open else len(expected))]
        if len(wanted) != len(got) or len(got) < len(expected):
            yield Failure(what, None, _counted(expected.values), _counted(got), key)
            return
        for index, (value, have) in enumerate(zip(wanted, got, strict=True)):
            if not self.same(value, have):
                epoch = epochs[index] if epochs else index
                yield Failure(what, epoch, self._shown(value), self._shown(have), key)

    def _shown(self, value: object) -> str:
        """A value with six digits, or with as many as it takes to be expected instead."""
        shown = _shown(value)
        if isinstance(value, float) and not self.same(float(shown), value):
            return f"{value:.9g}"  # which tell any two float32 apart
        return shown

    def items(
        self, what: str, expected: Sequence[object], got: Sequence[object], key: Key
    ) -> Failures:
        """Compare two lists, whole and in order; the first item that differs is named."""
        for index, (value, have) in enumerate(zip(expected, got, strict=False)):
            if not self.same(value, have):
                yield Failure(f"{what}[{index}]", None, str(value), str(have), key)
                return
        if len(expected) > len(got):
            yield Failure(f"{what}[{len(got)}]", None, str(expected[len(got)]), "no more", key)
        elif len(got) > len(expected):
            yield Failure(f"{what}[{len(expected)}]", None, "no more", str(got[len(expected)]), key)

    def event(self, what: str, expected: Keys, got: Happening, key: Key) -> Failures:
        """Compare what is named of something that happened."""
        for name, value in expected.given().items():
            have = getattr(got, name)
            equal = are(have, value) if name == "to" else self.same(value, have)
            if not equal:
                shown = told(value) if name == "to" else str(value)
                yield Failure(f"{what}.{name}", got.epoch, shown, str(have), (*key, name))


def are(weights: Weights | None, expected: str | Keys) -> bool:
    """Whether weights are those that are expected."""
    if weights is None:
        return False
    if isinstance(expected, str):
        return weights == (INITIAL if expected == "initial" else MIXED)
    return all(getattr(weights, name) == value for name, value in expected.given().items())


def told(keys: str | Keys) -> str:
    """Say what is expected, in words."""
    if isinstance(keys, str):
        return keys
    named = (
        f"{name} {told(value) if isinstance(value, Keys) else value}"
        for name, value in keys.given().items()
    )
    return ", ".join(named) or "any"


def event_told(event: Happening) -> str:
    """Say what happened, in words."""
    facts = {"epoch": event.epoch, "batch": event.batch, "by": event.by}
    facts |= {n: getattr(event, n, None) for n in ("optimizer", "path", "to", "new", "seconds")}
    return ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)


def no_such_callback(name: str, callbacks: Sequence[str]) -> str:
    """Say that no callback of a run is called so, and which there are."""
    return f"no such callback{did_you_mean(name, callbacks)}; there are {joined(callbacks)}"


def joined(names: Sequence[str]) -> str:
    """List names, or say that there are none."""
    return ", ".join(names) or "none"


def _shown(value: object) -> str:
    return "_" if value is None else six_digits(value)


def _counted(values: Sequence[object]) -> str:
    return (
        f"{quantity(len(values), 'value')}: {' '.join(map(_shown, values))}"
        if values
        else "no values"
    )
