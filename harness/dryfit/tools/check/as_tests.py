"""The battery as tests of pytest: one item for each check, in the process of the test."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar

from dryfit.recorder.asked_of_logs import is_of_others
from dryfit.scenario.given_training import GivenTraining
from dryfit.tools.check.battery import CHECKS, Check, result_of
from dryfit.tools.check.check_targets import Wishes, subject_of
from dryfit.tools.check.fresh import Target, fresh
from dryfit.tools.check.report_card import CheckFailedError
from dryfit.tools.check.subject import Subject
from dryfit_fakes.protocols import Batch, Callback, RealModel

if TYPE_CHECKING:
    import pytest


class CheckAsTest:
    """One check of the battery, to be called with a callback.

    All checks of a callback share what its plain run came to.
    """

    def __init__(self, check: Check, wishes: Wishes, shared: dict[str, Subject]) -> None:
        self._check, self._wishes, self._shared = check, wishes, shared

    def __call__(self, callback: Target) -> None:
        """Play the check.

        Args:
            callback: an instance, a class, a function that makes one, or a target as text.

        Raises:
            CheckFailedError: the callback fails it; the traceback leads to where it raised.
        """
        __tracebackhide__ = True
        import pytest

        if not self._shared:
            target = fresh(callback)
            self._shared["it"] = subject_of(target, (), {}, self._wishes)
        subject = self._shared["it"]
        result, error = result_of(self._check, subject)
        if result.outcome == "not_applicable":
            pytest.skip(result.reason)
        if result.outcome == "failed":
            trace = None if error is None else _from_its_own(error.__traceback__, subject)
            raise CheckFailedError(f"{subject.name}\n{result.text()}").with_traceback(trace)

    def __repr__(self) -> str:
        return f"<check {self._check.name!r}>"


def parametrize_with_checks(
    callbacks: Iterable[Target],
    *,
    expected_failed: Mapping[str, str] | Callable[[Target], Mapping[str, str]] | None = None,
    model: Callable[[], RealModel] | None = None,
    data: "Callable[[], Batch] | None" = None,
    metrics: Sequence[str] = (),
    raises: type[BaseException] | tuple[type[BaseException], ...] = (),
) -> "pytest.MarkDecorator":
    """Decorate a test of ``callback`` and ``check``: one item for each check of each callback.

    Args:
        callbacks: instances, which are not trained but made anew for each play; classes,
            functions that make one, or targets as text.
        expected_failed: the reason for each check that may fail, and must; or a function
            that gives them for one of the callbacks.
        model: makes the compiled model that they need.
        data: makes one batch ``(x, y)`` to train it with.
        metrics: what the model reports besides loss and accuracy.
        raises: exceptions with which they end a training on purpose.

    Raises:
        ValueError: there is no such check.

    >>> @parametrize_with_checks([keras.callbacks.TerminateOnNaN()])
    ... def test_it(callback, check):
    ...     check(callback)
    """
    import pytest

    wishes = _wishes(model, data, metrics, raises)
    cases, names = [], Counter[str]()
    for callback in callbacks:
        told = expected_failed(callback) if callable(expected_failed) else expected_failed or {}
        names[name := _name(callback)] += 1
        name += f"#{names[name]}" * (names[name] > 1)  # as a run calls the second of a class
        cases += [
            pytest.param(callback, check, marks=marks, id=f"{name}-{id_}")
            for id_, check, marks in _cases(told, wishes)
        ]
    return pytest.mark.parametrize(("callback", "check"), cases)


class CallbackChecks:
    """A class of tests to inherit from: a test for each check, of the callback that it makes.

    Attributes:
        expected_failed: the reason for each check that may fail, and must.
        metrics: what the model reports besides loss and accuracy.
        raises: exceptions with which the callback ends a training on purpose.
        make_model: makes the compiled model that it needs; likewise a method.
        make_data: makes one batch ``(x, y)`` to train it with; likewise.

    >>> class TestMine(CallbackChecks):
    ...     def make_callback(self):
    ...         return keras.callbacks.TerminateOnNaN()
    """

    expected_failed: ClassVar[Mapping[str, str]] = {}
    metrics: ClassVar[Sequence[str]] = ()
    raises: ClassVar[tuple[type[BaseException], ...]] = ()
    make_model: Callable[[], RealModel] | None = None
    make_data: "Callable[[], Batch] | None" = None

    def make_callback(self) -> Callback:
        """Make a callback, a new one each time."""
        raise NotImplementedError(f"{type(self).__name__} needs make_callback(self)")

    def pytest_generate_tests(self, metafunc: "pytest.Metafunc") -> None:
        """Make an item of each check."""
        import pytest

        if "callback_check" in metafunc.fixturenames:
            wishes = _wishes(self.make_model, self.make_data, self.metrics, self.raises)
            cases = _cases(self.expected_failed, wishes)
            made = [pytest.param(check, marks=marks, id=name) for name, check, marks in cases]
            metafunc.parametrize("callback_check", made)

    def test_callback(self, callback_check: CheckAsTest) -> None:
        """Play one check."""
        __tracebackhide__ = True
        callback_check(self.make_callback)


def _wishes(
    model: Callable[[], RealModel] | None,
    data: "Callable[[], Batch] | None",
    metrics: Sequence[str],
    raises: type[BaseException] | tuple[type[BaseException], ...],
) -> Wishes:
    kinds = raises if isinstance(raises, tuple) else (raises,)
    return Wishes(GivenTraining(model, data, metrics), lambda: kinds)


def _cases(
    expected_failed: Mapping[str, str], wishes: Wishes
) -> Iterator[tuple[str, CheckAsTest, Any]]:
    """Each check with its name, and the mark of one that is expected to fail."""
    import pytest

    names = [check.name for check in CHECKS]
    if unknown := [name for name in expected_failed if name not in names]:
        raise ValueError(f"no check {unknown[0]!r}; there are {', '.join(names)}")
    shared: dict[str, Subject] = {}
    for check in CHECKS:
        marks: tuple[Any, ...] = ()
        if (reason := expected_failed.get(check.name)) is not None:
            marks = (pytest.mark.xfail(reason=reason, raises=CheckFailedError, strict=True),)
        yield check.name, CheckAsTest(check, wishes, shared), marks


def _name(callback: Target) -> str:
    if isinstance(callback, str):
        return callback
    kind = callback if hasattr(callback, "__name__") else type(callback)
    return str(kind.__name__)


def _from_its_own(trace: TracebackType | None, subject: Subject) -> TracebackType | None:
    """A traceback from the first line of the callback's own code on."""
    modules = {base.__module__ for base in subject.kind.__mro__}
    own = {name for name in modules if not is_of_others(name)}
    while trace is not None and trace.tb_frame.f_globals.get("__name__") not in own:
        trace = trace.tb_next
    return trace
