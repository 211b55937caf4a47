"""Facts about how far a training came, and who stopped it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator

from dryfit.facts.comparing import Comparing, event_told, told
from dryfit.facts.fact import Fact, FactOutcome, RecordedTraining
from dryfit.facts.failure import Failure, Failures, Key
from dryfit.facts.mapping_keys import RaisesKeys, StopKeys
from dryfit.facts.notation import flow, known, written_series
from dryfit.facts.own_line import own_line
from dryfit.facts.values import Numbers, Whole, word_or_mapping
from dryfit.run.timeline_events import Raised
from dryfit_fakes.script import Script

if TYPE_CHECKING:
    from dryfit.run.run import Run


class EpochsRun(Fact[int]):
    """How many epochs came to their end."""

    name = "epochs_run"
    type = Whole
    in_json = True

    def plain(self, expected: int, script: Script) -> Iterator[tuple[str, Any]]:
        """The count."""
        yield "epochs run", expected

    def recorded(self, training: RecordedTraining) -> int:
        """The count."""
        return training.run.epochs_run

    def summary(self, run: "Run") -> Iterator[tuple[str, str]]:
        """The count."""
        yield "epochs run", str(run.epochs_run)


class Epochs(Fact[list[int]]):
    """The indices of the epochs that ended."""

    name = "epochs"
    type = Numbers

    def write(self, outcome: FactOutcome, expected: list[int] | None, exact: bool) -> str:
        """Write them as a series."""
        return written_series(self.of(outcome.run))

    def epochs(self, expected: list[int]) -> Iterator[tuple[Key, int]]:
        """Each of them."""
        for epoch in expected:
            yield (), epoch

    def plain(self, expected: list[int], script: Script) -> Iterator[tuple[str, Any]]:
        """The list."""
        yield "epochs", list(expected)


class Stopped(Fact[Literal["never"] | StopKeys]):
    """When training was stopped, and by whom."""

    name = "stopped"
    type = Annotated[Literal["never"] | StopKeys, BeforeValidator(word_or_mapping("never"))]
    keys = StopKeys
    in_json = True

    def compare(
        self, expected: Literal["never"] | StopKeys, outcome: FactOutcome, how: Comparing
    ) -> Failures:
        """Compare what is named of the stop, or that there was none."""
        got, key = self.of(outcome.run), (self.name,)
        if expected == "never":
            if got is not None:
                yield Failure(self.name, got.epoch, "never", event_told(got), key)
        elif got is None:
            yield Failure(self.name, expected.epoch, told(expected), "never", key)
        else:
            yield from how.event(self.name, expected, got, key)

    def write(
        self, outcome: FactOutcome, expected: Literal["never"] | StopKeys | None, exact: bool
    ) -> str:
        """Write its epoch, its batch if it has one, and who did it."""
        stop = self.of(outcome.run)
        return (
            "never" if stop is None else flow(known(epoch=stop.epoch, batch=stop.batch, by=stop.by))
        )

    def epochs(self, expected: Literal["never"] | StopKeys) -> Iterator[tuple[Key, int]]:
        """Its epoch."""
        if isinstance(expected, StopKeys) and expected.epoch is not None:
            yield ("epoch",), expected.epoch

    def plain(
        self, expected: Literal["never"] | StopKeys, script: Script
    ) -> Iterator[tuple[str, Any]]:
        """The epoch after which it ended; not which batch."""
        if expected == "never":
            yield "stopped in epoch", None
        elif expected.epoch is not None and expected.batch is None:
            yield "stopped in epoch", expected.epoch

    def recorded(self, training: RecordedTraining) -> Any:
        """Its place, if the replay has somebody who stops there."""
        stop = training.run.stopped
        if stop is None:
            return "never"
        return None if training.plays(stop) is None else training.place(stop)

    def decided(self, run: "Run") -> Any:
        """Its epoch."""
        return {"epoch": run.stopped_epoch} if run.stopped else "never"

    def summary(self, run: "Run") -> Iterator[tuple[str, str]]:
        """Where, and by whom."""
        stop = run.stopped
        at = "" if stop is None or stop.batch is None else f", batch {stop.batch}"
        yield "stopped", f"epoch {stop.epoch}{at}, by {stop.by}" if stop else "never"


class Raises(Fact[RaisesKeys]):
    """The exception that must come."""

    name = "raises"
    type = RaisesKeys
    keys = RaisesKeys
    without_a_run = True

    def compare(
        self, expected: RaisesKeys | None, outcome: FactOutcome, how: Comparing
    ) -> Failures:
        """Compare what is named; an exception that nothing names always fails."""
        error, run = outcome.error, outcome.run
        raised: Any = None if run is None else run.raised
        if expected is None:
            yield from _unnamed(outcome, raised)
            return
        if error is None and raised is None:
            yield Failure(self.name, None, told(expected), "no exception", (self.name,))
            return
        kind = raised.type if error is None else type(error).__name__
        place = {n: getattr(raised, n, None) for n in ("epoch", "batch", "by")}
        found = {"type": kind, "at": "construction" if run is None else "hook", **place}
        message = raised.message if error is None else outcome.message
        for name, value in expected.given().items():
            holds, got = found.get(name) == value, str(found.get(name))
            if name == "match":
                holds, got = value in message, message
            elif name == "type" and error is not None:
                holds = value in {base.__name__ for base in type(error).__mro__}
            if not holds:
                key = (self.name, name)
                yield Failure(f"raises.{name}", place["epoch"], str(value), got, key)

    def write(self, outcome: FactOutcome, expected: RaisesKeys | None, exact: bool) -> str:
        """Write its type and place."""
        if outcome.run is None:
            return flow({"type": type(outcome.error).__name__, "at": "construction"})
        raised = outcome.run.raised
        if raised is None:  # outside of every hook, if at all
            return flow({"type": type(outcome.error).__name__})
        return flow(known(type=raised.type, epoch=raised.epoch, batch=raised.batch, by=raised.by))

    def plain(self, expected: RaisesKeys, script: Script) -> Iterator[tuple[str, Any]]:
        """Its type, and what is in its text."""
        yield "raises", {part for part in (expected.type, expected.match) if part is not None}

    def decided(self, run: "Run") -> Any:
        """Which, where, and how its text begins; ``None`` if there was none."""
        raised = run.raised
        if raised is None:
            return None
        begins = raised.message[:60]
        return known(type=raised.type, match=begins, epoch=raised.epoch, batch=raised.batch)

    def summary(self, run: "Run") -> Iterator[tuple[str, str]]:
        """Which, if there was one."""
        if run.raised is not None:
            yield "exception", f"{run.raised.type}: {run.raised.message}".removesuffix(": ")

    def texts(self, outcome: FactOutcome, asked: Sequence[RaisesKeys]) -> Iterator[tuple[str, str]]:
        """Say which, and where."""
        yield self.name, _said(outcome)


def _unnamed(outcome: FactOutcome, raised: Raised | None) -> Failures:
    if outcome.error is not None:
        epoch = None if raised is None else raised.epoch
        yield Failure("raises", epoch, "no exception", told_of_error(outcome), ())


def told_of_error(outcome: FactOutcome) -> str:
    """Say what was raised, by whom, and in which line of somebody's own code."""
    raised: Raised | None = None if outcome.run is None else outcome.run.raised
    message = f": {outcome.message}" if outcome.message else ""
    by = f" by {raised.by} in {raised.hook}" if raised is not None and raised.by else ""
    place = own_line(outcome.error)
    return f"{type(outcome.error).__name__}{message}{by}{f' ({place})' if place else ''}"


def _said(outcome: FactOutcome) -> str:
    if outcome.run is None and outcome.error is not None:
        return f"{type(outcome.error).__name__} at construction"
    raised = None if outcome.run is None else outcome.run.raised
    if raised is None:
        return "nothing" if outcome.error is None else type(outcome.error).__name__
    place = [] if raised.epoch is None else [f"epoch {raised.epoch}"]
    place += [] if raised.batch is None else [f"batch {raised.batch}"]
    place += [] if raised.by is None else [f"by {raised.by}"]
    return ", ".join([raised.type, *place])
