"""Fact: everything that is to be said of one key of `expect`, in one object."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from dryfit.facts.comparing import Comparing
from dryfit.facts.failure import Failure, Failures, Key
from dryfit.facts.notation import flow, known
from dryfit.run.timeline_events import Deed, WeightsUsed
from dryfit_fakes.script import Script
from dryfit_fakes.weights import Weights

if TYPE_CHECKING:
    from dryfit.run.run import Run


T = TypeVar("T")


class FactOutcome(Protocol):
    """What came of a call, as far as facts are asked of it.

    Attributes:
        run: ``None`` if a callback could not be constructed, or the process was killed.
        error: the exception that left the call.
        files: the files of the run's folder, with the weights in them or their text.
        written: the files that the call wrote, where that is known: on other ranks than 0.
        message: what the exception says, with paths relative to the run's folder.
        ranks: what came of it on every rank, this one first; without ranks it is alone.
    """

    run: Any
    error: BaseException | None
    files: dict[str, Weights | str]
    written: tuple[str, ...]

    @property
    def message(self) -> str: ...  # noqa: D102

    @property
    def ranks(self) -> "Sequence[FactOutcome]": ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class RecordedTraining:
    """A training that goes into a file, and who plays whom in its replay.

    Attributes:
        run: the training so far.
        weights: whose the model has, as a file says it; ``None`` if that cannot be said.
        restores: whether a replay puts back all weights that were put back.
        rates_known: whether a replay has every rate.
        rates_replaced: whether a change of the rate is another callback's in the replay.
        saves_known: whether a replay writes every file of weights.
        whose: whose weights some are, as a file says it.
        plays: who does what happened; ``None`` for what nobody does.
        played_by: what a callback that is in the file is called there.
        is_item: whether a callback is in the file itself.
        path: what a file that was saved is called.
    """

    run: "Run"
    weights: str | Mapping[str, int | None] | None
    restores: bool
    rates_known: bool
    rates_replaced: bool
    saves_known: bool
    whose: Callable[[Weights], str | Mapping[str, int | None] | None]
    plays: Callable[[Deed], str | None]
    played_by: Callable[[str | None], str | None]
    is_item: Callable[[str | None], bool]
    path: Callable[[WeightsUsed], str | None]

    def place(self, event: Deed) -> dict[str, Any]:
        """Epoch and batch of what happened, and who does it in the replay."""
        return known(epoch=event.epoch, batch=event.batch, by=self.plays(event))


class Fact(Generic[T]):
    """One key of `expect`, and the type of what is read from it.

    Attributes:
        name: the key.
        type: what may stand there, as a type for pydantic.
        forms: what JSON Schema has to allow beside it.
        keys: the model of the mapping that may stand there, if any.
        needs_batches: whether it asks for every hook of a batch.
        needs_files: whether it asks for the files of the run's folder.
        without_a_run: whether it can be told of a call that has no run.
        at_the_end: whether it is recorded of a whole training only.
        in_json: whether the JSON of a run has it.
    """

    name: ClassVar[str]
    type: ClassVar[Any]
    forms: ClassVar[Sequence[Mapping[str, Any]]] = ()
    keys: ClassVar[Any] = None
    needs_batches: ClassVar[bool] = False
    needs_files: ClassVar[bool] = False
    without_a_run: ClassVar[bool] = False
    at_the_end: ClassVar[bool] = False
    in_json: ClassVar[bool] = False

    def of(self, run: "Run") -> Any:
        """What it is in a run; by default the attribute of its name."""
        return getattr(run, self.name)

    def compare(self, expected: T, outcome: FactOutcome, how: Comparing) -> Failures:
        """Say what is not as expected; by default a list item by item, all else whole."""
        got = self.of(outcome.run)
        if isinstance(expected, list):
            yield from how.items(self.name, expected, list(got), (self.name,))
        elif got != expected:
            yield Failure(self.name, None, str(expected), str(got), (self.name,))

    def write(self, outcome: FactOutcome, expected: T | None, exact: bool) -> str:
        """Write what came of a call, as a file has it; by default all that it is in the run.

        Args:
            expected: what stands there, to tell of the same things; ``None`` if nothing does.
            exact: whether numbers are compared exactly.
        """
        return flow(self.of(outcome.run))

    def epochs(self, expected: T) -> Iterator[tuple[Key, int]]:
        """The epochs that are named, each with its place below the key."""
        return iter(())

    def series(self, expected: T) -> Iterator[tuple[Key, Any]]:
        """The series that have a value an epoch, likewise."""
        return iter(())

    def metrics(self, expected: T) -> Iterator[tuple[Key, str]]:
        """The metrics that are named, likewise."""
        return iter(())

    def hooks(self, expected: T) -> Iterator[tuple[Key, str]]:
        """The hooks that are named, likewise."""
        return iter(())

    def empty(self, expected: T) -> Iterator[Key]:
        """The places of mappings in which nothing stands, so that nothing would be checked."""
        if expected == {}:
            yield ()

    def plain(self, expected: T, script: Script) -> Iterator[tuple[str, Any]]:
        """What a script for plain Keras can see of it: by a name of that script's own."""
        return iter(())

    def recorded(self, training: RecordedTraining) -> Any:
        """What a recording has of it, as data; ``None`` for what is not known."""
        return None

    def decided(self, run: "Run") -> Any:
        """What a callback's documentation can promise of it: not by whom."""
        return self.of(run)

    def as_json(self, run: "Run") -> Any:
        """What it is in a run, as data: of what a file has a mapping for, its keys."""
        value = self.of(run)
        if self.keys is None or value is None:
            return value
        return {name: getattr(value, name) for name in self.keys.model_fields}

    def summary(self, run: "Run") -> Iterator[tuple[str, str]]:
        """Say in words what came of a run, to show it: a name for people, and a text."""
        return iter(())

    def texts(self, outcome: FactOutcome, asked: Sequence[T]) -> Iterator[tuple[str, str]]:
        """Say in words what came of a call, to compare releases: keys and texts.

        Args:
            asked: what stands there, in any release.
        """
        yield self.name, bare(self.write(outcome, next(iter(asked), None), exact=False))


def bare(text: str) -> str:
    """A text without the marks of a mapping or list around it all."""
    if text == "[]":
        return "never"
    return text[1:-1] if text[:1] + text[-1:] in ("{}", "[]") and text.count(text[0]) == 1 else text
