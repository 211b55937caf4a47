"""The battery as tests: an item for each check, by a decorator or by a class to inherit from."""

from pathlib import Path
from threading import Lock
from typing import Any

import keras
import pytest
from careless import NeverReset, SharesDefault

from dryfit import parametrize_with_checks
from dryfit.tools.check.battery import CHECKS
from dryfit.tools.check.fresh import fresh

HERE = Path(__file__).parent
DECORATED = """
    import dryfit
    from careless import NeverReset, ReadsValLoss

    KNOWN = {"two fits": "it is for one fit", "pickling": "no longer so"}

    @dryfit.parametrize_with_checks([NeverReset()], expected_failed=KNOWN)
    def test_known(callback, check):
        check(callback)

    @dryfit.parametrize_with_checks([ReadsValLoss])
    def test_unknown(callback, check):
        check(callback)
    """
INHERITED = """
    from keras.callbacks import TerminateOnNaN
    from careless import NeverReset
    from dryfit.check import CallbackChecks

    class TestNeverReset(CallbackChecks):
        expected_failed = {"two fits": "it is for one fit"}

        def make_callback(self):
            return NeverReset()

    class TestOther(TestNeverReset):
        expected_failed = {}
        metrics = ("f1",)

        def make_callback(self):
            return TerminateOnNaN()
    """


@pytest.fixture(autouse=True)
def careless_is_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HERE))


def ran(pytester: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(source)
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *options)


def test_one_item_a_check(pytester: pytest.Pytester) -> None:
    """The known failure is an xfail, a known one that passes a failure, the others tell why."""
    result = ran(pytester, DECORATED, "-v", "-rx")
    result.assert_outcomes(passed=2 * len(CHECKS) - 4, xfailed=1, failed=3)
    result.stdout.fnmatch_lines_random(
        [
            "*::test_known[[]NeverReset-signatures of hooks[]] PASSED*",
            "*::test_unknown[[]ReadsValLoss-no validation[]] FAILED*",
            "*[[]XPASS(strict)[]] no longer so",
            "XFAIL *::test_known[[]NeverReset-two fits[]] - it is for one fit",
            ">*print((logs or*",  # where it raised
            "E*✗ no validation  KeyError: 'val_loss' in on_epoch_end of epoch 0",
            "E*why: Without validation_data there are no val_ keys.",
        ]
    )


def test_the_debugger_stops_where_it_raised(pytester: pytest.Pytester) -> None:
    """In the callback's own hook, with its locals."""
    pytester.makepyfile(
        stops="""
        class Stops:
            quitting = False
            def __init__(self, *args, **kwargs): pass
            def reset(self): pass
            def interaction(self, frame, trace):
                trace = getattr(trace, "__traceback__", trace)
                while trace.tb_next: trace = trace.tb_next
                print("stopped in", trace.tb_frame.f_code.co_name, trace.tb_frame.f_locals["epoch"])
        """
    )
    result = ran(pytester, DECORATED, "--pdb", "--pdbcls=stops:Stops", "-k", "unknown and no")
    result.stdout.fnmatch_lines(["stopped in on_epoch_end 0"])


def test_a_class_to_inherit_from(pytester: pytest.Pytester) -> None:
    """Each subclass has the checks for the callback that it makes."""
    result = ran(pytester, INHERITED, "-v")
    result.assert_outcomes(passed=2 * len(CHECKS) - 1, xfailed=1)
    result.stdout.fnmatch_lines(
        ["*::TestNeverReset::test_callback[[]two fits[]] XFAIL*", "*::TestOther::*two fits*PASSED*"]
    )


def test_a_class_that_makes_nothing_says_so(pytester: pytest.Pytester) -> None:
    """The base class alone is no test."""
    source = (
        "from dryfit.check import CallbackChecks\nclass TestNothing(CallbackChecks):\n    pass\n"
    )
    result = ran(pytester, source, "-x")
    result.stdout.fnmatch_lines(["E*NotImplementedError: TestNothing needs make_callback(self)"])


def test_a_check_that_is_not_there() -> None:
    """A misspelt name would be a failure that nobody expects."""
    with pytest.raises(ValueError, match="no check 'two fitz'; there are signatures of hooks, "):
        parametrize_with_checks([NeverReset()], expected_failed={"two fitz": "so"})


class Locked(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self, given: Any) -> None:
        super().__init__()
        self._lock = Lock()


def test_an_instance_is_made_anew() -> None:
    """By its constructor, so that a default which all share is seen; or it is a copy."""
    first, second = fresh(SharesDefault())(), fresh(SharesDefault())()
    assert first is not second
    assert first.seen is second.seen
    stopping = fresh(keras.callbacks.EarlyStopping(mode="max", patience=3))
    assert stopping().patience == 3
    assert stopping() is not stopping()
    with pytest.raises(TypeError) as caught:
        fresh(Locked(1))
    assert str(caught.value) == (
        "every check needs a fresh Locked, and this one can neither be made anew of its "
        "attributes nor copied (TypeError: cannot pickle '_thread.lock' object): give a function "
        "that makes one, lambda: Locked(...)"
    )


def test_two_of_a_class_have_names_of_their_own() -> None:
    """The second is called as a run calls it."""
    made = parametrize_with_checks([NeverReset(), NeverReset()]).mark.args[1]
    names = [case.id for case in made[:: len(CHECKS)]]
    assert names == ["NeverReset-signatures of hooks", "NeverReset#2-signatures of hooks"]
