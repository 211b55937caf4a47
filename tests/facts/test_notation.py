"""What is written reads as what it was."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dryfit.facts.notation import exactly, flow, known, listed, number, series, shortest
from dryfit.facts.scalar import plain
from dryfit.facts.values import read_values
from dryfit.scenario.source import parse_documents
from dryfit_fakes.float32 import float32
from dryfit_fakes.series import Series

AS_OFTEN = settings(deadline=None)  # however busy the machine is


def is_same(one: Any, other: Any) -> bool:
    return bool(one == other) or (one != one and other != other)


def read(text: str) -> Any:
    """A value of a file, with its source."""
    return parse_documents(f"a: {text}\n", Path("a"))[0].data["a"]


@AS_OFTEN
@example(float32(0.1))
@example(-0.0)
@given(st.floats(width=32))
def test_a_number_reads_as_the_same_float32(value: float) -> None:
    """Whatever it is."""
    assert is_same(float32(Series.parse(number(value)).values[0]), value)


def test_a_number_beyond_float32_is_infinite() -> None:
    """As callbacks see it."""
    assert (number(1e39), number(-1e39), number(None)) == ("inf", "-inf", "_")


@AS_OFTEN
@given(st.floats())
def test_an_exact_number_reads_as_the_same_float64(value: float) -> None:
    """Whatever it is."""
    assert is_same(Series.parse(exactly(value)).values[0], value)


@AS_OFTEN
@example(0.1 + 0.2)
@given(st.floats())
def test_a_short_number_is_near_enough(value: float) -> None:
    """Half of what the comparison allows, so that it holds for what is rounded once more."""
    (there,) = Series.parse(shortest(value)).values
    assert is_same(there, value) or math.isclose(there, value, rel_tol=5e-7)


@AS_OFTEN
@example([])
@example([1.0])
@given(st.lists(st.none() | st.sampled_from([0.0, 1.0, 0.5]), max_size=8))
def test_a_series_has_these_values_and_no_others(values: list[float | None]) -> None:
    """One alone does not go on to the end."""
    there = read_values(read(series(map(number, values))))
    assert there == Series(tuple(values))


TOKENS = st.sampled_from(["1", "1x4", "nan", "_", "1 2", ".5...", "never", "a", "a: b", ""])
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TOKENS


@AS_OFTEN
@example(["1"])
@example(["a", "1x4"])
@given(st.lists(PLAIN, min_size=1).filter(lambda values: any(isinstance(v, str) for v in values)))
def test_a_list_with_texts_is_no_series(values: list[Any]) -> None:
    """Also where each of them looks like one."""
    assert read_values(read(listed(values))) == values


NESTED = st.recursive(
    PLAIN | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TOKENS, inner, max_size=3),
    max_leaves=8,
)


@AS_OFTEN
@example({"a b": [None, True, -math.inf, 1e-5, {"": []}]})
@given(NESTED)
def test_plain_data_reads_as_itself(data: Any) -> None:
    """In one line, in whatever it stands."""
    assert plain(read(flow(data))) == data
    assert plain(read(flow([data]))) == [data]


def test_nan_reads_as_a_number() -> None:
    """And not as a text."""
    assert math.isnan(read(flow(math.nan)).value)


@pytest.mark.parametrize(
    ("given_", "kept"), [({"a": 0, "b": None, "c": ""}, {"a": 0, "c": ""}), ({}, {})]
)
def test_what_is_not_known_is_left_out(given_: dict[str, Any], kept: dict[str, Any]) -> None:
    """But for None, all is known."""
    assert known(**given_) == kept
