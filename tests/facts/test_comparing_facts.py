"""When what is expected is what came, and what is said where it is not."""

from typing import Any

import pytest

from dryfit.facts.comparing import Comparing, are, event_told, told
from dryfit.facts.failure import Failure
from dryfit.facts.mapping_keys import RateKeys, RestoreKeys, WeightsKeys
from dryfit.run.timeline_events import Change, WeightsUsed
from dryfit_fakes.series import Series
from dryfit_fakes.weights import INITIAL, MIXED, Weights

NAN, INF = float("nan"), float("inf")
HOW = Comparing()


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        (1, 1.0, True),
        (1.0, 1 + 5e-7, True),
        (1.0, 1 + 2e-6, False),
        (10**7, 10**7 + 1, False),  # counts are no measured numbers
        (1.0, True, True),
        (NAN, NAN, True),
        (NAN, 1.0, False),
        (1.0, NAN, False),
        (INF, INF, True),
        (INF, -INF, False),
        (0.0, 1e-30, False),
        (None, None, True),
        (None, 0.0, False),
        ("1", 1, False),
    ],
)
def test_two_values_are_the_same(expected: Any, got: Any, same: bool) -> None:
    """Numbers within 1e-6 of each other, all else if it is equal."""
    assert HOW.same(expected, got) is same


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        (0.1, 0.10000000149011612, True),  # float32(.1)
        (1.0, 1 + 2e-8, True),  # float32 has a step of 1.2e-7 there
        (1.0, 1 + 5e-7, False),
        (NAN, NAN, True),
    ],
)
def test_two_values_are_the_same_float32(expected: float, got: float, same: bool) -> None:
    """Compared exactly, numbers are what Keras reports in."""
    assert Comparing(exact=True).same(expected, got) is same


@pytest.mark.parametrize(
    ("expected", "got", "failures"),
    [
        ("1 2", [1.0, 2.0], []),
        ("1", [1.0, 1.0, 1.0], []),  # one alone is every epoch's
        ("1 2...", [1.0, 2.0, 2.0], []),
        ("1 _", [1.0, None], []),
        ("1 2", [1.0, 3.0], [(5, "2", "3")]),
        ("3 2", [1.0, 1.0], [(4, "3", "1"), (5, "2", "1")]),
        ("_", [1.0], [(4, "_", "1")]),
        ("1 2", [1.0], [(None, "2 values: 1 2", "1 value: 1")]),
        ("1x1", [1.0, 1.0], [(None, "1 value: 1", "2 values: 1 1")]),
        ("1 2...", [1.0], [(None, "2 values: 1 2", "1 value: 1")]),
        ("1x2", [], [(None, "2 values: 1 1", "no values")]),
    ],
)
def test_a_series_is_compared_epoch_by_epoch(
    expected: str, got: list[Any], failures: list[tuple[int | None, str, str]]
) -> None:
    """Every epoch that differs is told; another length is told alone."""
    found = HOW.series("s", Series.parse(expected), got, [4, 5, 6], ("s",))
    assert list(found) == [Failure("s", *failure, ("s",)) for failure in failures]


@pytest.mark.parametrize(
    ("expected", "got", "failure"),
    [
        (["a", "b"], ["a", "b"], None),
        (["a", "b"], ["a", "c"], ("l[1]", "b", "c")),
        (["a", "b"], ["a"], ("l[1]", "b", "no more")),
        (["a"], ["a", "b"], ("l[1]", "no more", "b")),
        ([], ["a"], ("l[0]", "no more", "a")),
    ],
)
def test_the_first_item_that_differs_is_told(
    expected: list[str], got: list[str], failure: tuple[str, str, str] | None
) -> None:
    """Lists are whole and in order."""
    found = list(HOW.items("l", expected, got, ("l",)))
    told_ = [] if failure is None else [Failure(failure[0], None, *failure[1:], ("l",))]
    assert found == told_


CHANGE = Change("learning_rate", 3, 1, "on_train_batch_end", "Mine", 0.5, 0.25)


@pytest.mark.parametrize(
    ("keys", "failures"),
    [
        ({}, []),
        ({"epoch": 3, "batch": 1, "hook": "on_train_batch_end", "by": "Mine"}, []),
        ({"old": 0.5, "new": 0.2500001}, []),
        ({"batch": 0}, [("batch", "0", "1")]),
        ({"by": "Other", "new": 0.5}, [("by", "Other", "Mine"), ("new", "0.5", "0.25")]),
    ],
)
def test_only_what_is_named_of_an_event_is_compared(
    keys: dict[str, Any], failures: list[tuple[str, str, str]]
) -> None:
    """Each key by itself, with its own place."""
    found = HOW.event("e", RateKeys.model_construct(**keys), CHANGE, ("e", 0))
    assert list(found) == [
        Failure(f"e.{n}", 3, want, got, ("e", 0, n)) for n, want, got in failures
    ]


@pytest.mark.parametrize(
    ("expected", "got", "shown"),
    [
        (0.0345492, 0.03454915, ("0.0345492", "0.03454915")),  # six digits are 1.4e-6 off
        (0.2, 0.1, ("0.2", "0.1")),
        (1.0, 1 + 2e-6, ("1", "1.000002")),
        (NAN, INF, ("nan", "inf")),
        (2, 1.0000004, ("2", "1")),  # what is shown would do
    ],
)
def test_what_is_shown_can_be_expected(expected: float, got: float, shown: tuple[str, str]) -> None:
    """Else two numbers would look the same, and neither would be met."""
    (failure,) = HOW.series("s", Series((expected,), False), [got], [0], ("s",))
    assert (failure.expected, failure.got) == shown
    assert HOW.same(float(failure.got), got)


def test_whose_weights_came_back_is_compared() -> None:
    """By what is named of them."""
    to = Weights(0, 1, 0, 3)
    used = WeightsUsed("set_weights", 3, None, "on_train_end", "Mine", None, MIXED, to)
    wanted = RestoreKeys.model_construct(to=WeightsKeys.model_construct(epoch=2))
    assert list(HOW.event("r", wanted, used, ("r",))) == [
        Failure("r.to", 3, "epoch 2", "the weights of epoch 1, batch 0", ("r", "to"))
    ]
    assert told(wanted) == "to epoch 2"
    assert event_told(used) == "epoch 3, by Mine, to the weights of epoch 1, batch 0"


@pytest.mark.parametrize(
    ("weights", "expected", "equal"),
    [
        (INITIAL, "initial", True),
        (MIXED, "initial", False),
        (MIXED, "mixed", True),
        (Weights(1, 2, 3, 40), WeightsKeys.model_construct(epoch=2, batch=3), True),
        (Weights(1, 2, 3, 40), WeightsKeys.model_construct(fit=0, epoch=2), False),
        (Weights(1, 2, 3, 40), WeightsKeys.model_construct(trained_batches=40), True),
        (None, "mixed", False),  # a model that cannot tell
    ],
)
def test_weights_are_those_that_are_expected(
    weights: Weights | None, expected: Any, equal: bool
) -> None:
    """In a word, or as far as they are named."""
    assert are(weights, expected) is equal
