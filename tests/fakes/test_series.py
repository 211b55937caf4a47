"""The notation of series, token by token."""

import math
import tracemalloc

import pytest

from dryfit_fakes import Series, SeriesError


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1 .9 .8", (1, 0.9, 0.8)),
        ("1e-3 1E3 +2 -.5 5.", (0.001, 1000, 2, -0.5, 5)),
        ("010 1.50", (10, 1.5)),
        ("inf -inf .inf -.inf", (math.inf, -math.inf, math.inf, -math.inf)),
        ("1 _ 2", (1, None, 2)),
        (".5x3", (0.5, 0.5, 0.5)),
        ("0x6", (0,) * 6),
        ("_x2 1", (None, None, 1)),
        ("1e-3x2", (0.001, 0.001)),
        ("1+1x4", (1, 2, 3, 4)),
        ("1-.1x8", (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)),
        ("-1-2x3", (-1, -3, -5)),
        ("1-1e-3x3", (1, 0.999, 0.998)),
        (" 1\t2\n3 ", (1, 2, 3)),
    ],
)
def test_tokens(text: str, values: tuple[float | None, ...]) -> None:
    """Each token stands for the values that docs/scenarios.md, "Series", gives it."""
    assert Series.parse(text) == Series(values)


def test_counting_is_decimal() -> None:
    """0.1 added in binary drifts; the third value of 0+.1x4 is exactly the float 0.3."""
    assert Series.parse("0+.1x4").values[3] == 0.3 != 0.1 + 0.1 + 0.1


@pytest.mark.parametrize("text", ["nan", ".nan"])
def test_nan(text: str) -> None:
    """Both spellings of nan are nan."""
    assert math.isnan(Series.parse(text).at(0) or 0)


def test_one_value_alone_is_every_epoch() -> None:
    """A single value is constant, and .5x1 is one epoch."""
    assert Series.parse(".5").at(1000) == 0.5
    assert Series.parse(".5x1") == Series((0.5,))
    with pytest.raises(IndexError):
        Series.parse(".5x1").at(1)


def test_dots_go_on_to_the_end() -> None:
    """V... repeats V for as long as anyone asks."""
    series = Series.parse("1 .5...")
    assert [series.at(i) for i in range(4)] == [1, 0.5, 0.5, 0.5]


@pytest.mark.parametrize("source", [["1 .9", ".8x2"], ["1", 0.9, ".8", 0.8], [1, 0.9, 0.8, 0.8]])
def test_a_list_is_its_items_run_together(source: list[str | float]) -> None:
    """Items are numbers, tokens, or whole texts."""
    assert Series.of(source) == Series((1, 0.9, 0.8, 0.8))


def test_none_in_a_list_is_absent() -> None:
    """Python says None where the notation says _."""
    assert Series.of([1, None]) == Series.parse("1 _")


BAD = "bad token; expected a number, nan, inf, -inf, _ (absent), VxN, A+BxN, A-BxN or V..."


def meant(what: str) -> str:
    return BAD.replace("expected", f"did you mean {what}? Expected")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 .9 x5", f"{BAD}: 'x5' at offset 5 of '1 .9 x5'"),
        ("1_0", f"{BAD}: '1_0' at offset 0 of '1_0'"),
        ("1 2,3", meant("'2 3' or '2.3'") + ": '2,3' at offset 2 of '1 2,3'"),
        ("5-3", meant("'5-1x3', which is 5 to 3") + ": '5-3' at offset 0 of '5-3'"),
        ("1x", f"{BAD}: '1x' at offset 0 of '1x'"),
        ("NaN", meant("'nan'") + ": 'NaN' at offset 0 of 'NaN'"),
        ("1 2x-3", "a repeat must be 1 or more: '2x-3' at offset 2 of '1 2x-3'"),
        ("2x0", "a repeat must be 1 or more: '2x0' at offset 0 of '2x0'"),
        ("nan+1x3", "only a number can be counted up or down: 'nan+1x3' at offset 0 of 'nan+1x3'"),
        (
            "1... 2",
            "'...' goes on to the end, so it must come last: '1...' at offset 0 of '1... 2'",
        ),
        ("1e999", "too large for a float; write inf: '1e999' at offset 0 of '1e999'"),
        ("1+1e999x2", "too large for a float; write inf: '1+1e999x2' at offset 0 of '1+1e999x2'"),
        (
            "1 2x1000000",
            "the series passes 1,000,000 values here: '2x1000000' at offset 2 of '1 2x1000000'",
        ),
        ("", "empty series; expected " + BAD.partition("expected ")[2] + ": '' at offset 0 of ''"),
    ],
)
def test_a_bad_token_is_named_with_its_offset(text: str, message: str) -> None:
    """The error says what is wrong, which token, and where it starts."""
    with pytest.raises(SeriesError) as caught:
        Series.parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("count", ["1000000001", "9" * 5000])
def test_nothing_is_allocated_for_a_series_that_is_too_long(count: str) -> None:
    """A billion values, or a count that no integer type holds, is refused in passing."""
    tracemalloc.start()
    with pytest.raises(SeriesError, match="passes 1,000,000 values here"):
        Series.parse(f"1x{count}")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_what_is_no_number_and_no_text_is_refused() -> None:
    """A series does not take true for 1."""
    with pytest.raises(TypeError, match="a series is made of numbers and text, not True"):
        Series.of([True, 1])


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("3 1*3", "'1x3'"),
        ("1X3", "'1x3'"),
        ("1-6", "'1+1x6', which is 1 to 6"),
        ("0..6", "'0+1x7', which is 0 to 6"),
        ("1, 2, 3", "'1'"),
        ("1,2,3", "'1 2 3'"),
        ("1 None", "'_'"),
        ("1 Inf", "'inf'"),
        ("1 2 ...", "'...' right behind the last value, as in '.5...'"),
    ],
)
def test_other_notations_are_told_in_this_one(text: str, hint: str) -> None:
    """Python's, YAML's and everybody's; a hint is a token of ours."""
    with pytest.raises(SeriesError) as caught:
        Series.parse(text)
    assert f"; did you mean {hint}? Expected a number" in str(caught.value)
    Series.parse(hint.split("'")[1].replace("...", ".5..."))


@pytest.mark.parametrize("items", [[3, "", 1], ["3 2", " ", 1]])
def test_an_item_without_value_is_not_left_out(items: list[object]) -> None:
    """Else all behind it would be an epoch early."""
    with pytest.raises(SeriesError, match="item 1 of the list has no value; write _ or None"):
        Series.of(items)
