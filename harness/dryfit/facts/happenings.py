"""Facts that are lists of things that happened: who did what in which epoch."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias

from pydantic import BeforeValidator

from dryfit.facts.comparing import Comparing, event_told, no_such_callback, told
from dryfit.facts.fact import Fact, FactOutcome, RecordedTraining
from dryfit.facts.failure import Failure, Failures, Key
from dryfit.facts.final_weights import whose
from dryfit.facts.mapping_keys import (
    CheckpointKeys,
    EventKeys,
    Keys,
    OverrideKeys,
    RateKeys,
    RestoreKeys,
    SleepKeys,
    list_or,
    listed_or_by_callback,
)
from dryfit.facts.notation import Raw, flow, known, shortest
from dryfit.facts.values import NEVER_SCHEMA, SERIES_SCHEMA, read_never
from dryfit_fakes.script import Script

if TYPE_CHECKING:
    from dryfit.run.run import Run

_EPOCHS_BY_CALLBACK = {
    "type": "object",
    "additionalProperties": {"anyOf": [NEVER_SCHEMA, *SERIES_SCHEMA["anyOf"]]},
}


# Each that happened, or the epochs in which each callback did it.
Happened: TypeAlias = Sequence[EventKeys] | dict[str, list[int]]


class Happenings(Fact[Happened]):
    """Events in order, whole; of each only what is named is compared.

    Attributes:
        written: what is written of each.
    """

    forms: ClassVar[Sequence[Mapping[str, Any]]] = (NEVER_SCHEMA,)
    written: ClassVar[tuple[str, ...]]

    def compare(self, expected: Happened, outcome: FactOutcome, how: Comparing) -> Failures:
        """Compare them one by one."""
        got = self.of(outcome.run)
        if isinstance(expected, dict):
            yield from self._by_callback(expected, outcome)
            return
        for index, (keys, event) in enumerate(zip(expected, got, strict=False)):
            yield from how.event(f"{self.name}[{index}]", keys, event, (self.name, index))
        for index in range(len(got), len(expected)):
            what, keys = f"{self.name}[{index}]", expected[index]
            yield Failure(what, keys.epoch, told(keys), "did not happen", (self.name, index))
        no = "no more" if expected else "never"
        for event in got[len(expected) :]:
            yield Failure(self.name, event.epoch, no, event_told(event), (self.name,))

    def _by_callback(self, expected: dict[str, list[int]], outcome: FactOutcome) -> Failures:
        for by, epochs in expected.items():
            what, key = f"{self.name}.{by}", (self.name, by)
            if by not in outcome.run.callbacks:
                there = no_such_callback(by, outcome.run.callbacks)
                yield Failure(what, None, f"epochs {epochs}", there, key)
                continue
            have = [event.epoch for event in self.of(outcome.run) if event.by == by]
            if have != epochs:
                yield Failure(what, None, f"epochs {epochs}", f"epochs {have}", key)

    def write(self, outcome: FactOutcome, expected: Happened | None, exact: bool) -> str:
        """Write each of them."""
        written = [
            known(**{name: _written(getattr(event, name)) for name in self.written})
            for event in self.of(outcome.run)
        ]
        return flow(written or "never")

    def epochs(self, expected: Happened) -> Iterator[tuple[Key, int]]:
        """The epoch of each."""
        if isinstance(expected, dict):
            for by, epochs in expected.items():
                for epoch in epochs:
                    yield (by,), epoch
            return
        for index, event in enumerate(expected):
            if event.epoch is not None:
                yield (index, "epoch"), event.epoch

    def hooks(self, expected: Happened) -> Iterator[tuple[Key, str]]:
        """The hook of each."""
        for index, event in enumerate(() if isinstance(expected, dict) else expected):
            if event.hook is not None:
                yield (index, "hook"), event.hook


class RateChanges(Happenings):
    """Changes of the rate: a list, or the epochs by callback."""

    forms = (_EPOCHS_BY_CALLBACK, NEVER_SCHEMA)

    def write(self, outcome: FactOutcome, expected: Happened | None, exact: bool) -> str:
        """Write the epochs by callback."""
        return flow(_by_callback(self.of(outcome.run), lambda change: change.by))


def _changes(keys: type[Keys]) -> Any:
    return Annotated[list_or(keys, dict[str, list[int]]), BeforeValidator(listed_or_by_callback)]


def _listed(keys: type[Keys]) -> Any:
    return Annotated[list[keys], BeforeValidator(read_never)]  # type: ignore[valid-type]


class Restored(Happenings):
    """Weights that came back."""

    name = "restored"
    type = _listed(RestoreKeys)
    keys = RestoreKeys
    written = ("epoch", "by", "hook", "to")

    def recorded(self, training: RecordedTraining) -> Any:
        """Each, if the replay puts back all of them."""
        if not training.restores:
            return None
        return [
            training.place(used) | {"hook": used.hook, "to": training.whose(used.to)}
            for used in training.run.restored
        ] or "never"


class Reductions(RateChanges):
    """Changes to a lower rate."""

    name = "reductions"
    type = _changes(RateKeys)
    keys = RateKeys

    def recorded(self, training: RecordedTraining) -> Any:
        """The epochs of those by callbacks that are in the file."""
        mine = [change for change in training.run.reductions if training.is_item(change.by)]
        if not training.rates_known or any(change.epoch is None for change in mine):
            return None
        if not mine and training.rates_replaced:
            return None
        return _by_callback(mine, training.plays)

    def decided(self, run: "Run") -> Any:
        """The epoch of each."""
        return [{"epoch": cut.epoch} for cut in run.reductions] or "never"


class Overrides(RateChanges):
    """Rates that were thrown away by another callback."""

    name = "overrides"
    type = _changes(OverrideKeys)
    keys = OverrideKeys
    written = ("epoch", "by", "undoes")

    def write(self, outcome: FactOutcome, expected: Happened | None, exact: bool) -> str:
        """Write each, with whose rate it was."""
        return Happenings.write(self, outcome, expected, exact)

    def recorded(self, training: RecordedTraining) -> Any:
        """Each, if all changes are those of callbacks that are in the file.

        What stands in another's place stands for one change, and an override is of two.
        """
        if not training.rates_known or training.rates_replaced:
            return None
        return [
            training.place(o) | {"undoes": training.played_by(o.undoes)}
            for o in training.run.overrides
        ] or "never"

    def summary(self, run: "Run") -> Iterator[tuple[str, str]]:
        """Whose rates, by whom, if any."""
        if run.overrides:
            told = (f"epoch {o.epoch}: {o.by} undoes {o.undoes}" for o in run.overrides)
            yield "rates thrown away", "; ".join(told)


class Unused(RateChanges):
    """Rates that no batch trained with."""

    name = "unused"
    type = _changes(RateKeys)
    keys = RateKeys


class SleptFact(Happenings):
    """Sleeps in seconds, on a clock that only the script moves."""

    name = "slept"
    type = _listed(SleepKeys)
    keys = SleepKeys
    written = ("epoch", "by", "seconds")


class Checkpoints(Happenings):
    """Files of weights, in the order in which they were written."""

    name = "checkpoints"
    type = _listed(CheckpointKeys)
    keys = CheckpointKeys
    written = ("epoch", "by", "path")

    def plain(self, expected: Happened, script: Script) -> Iterator[tuple[str, Any]]:
        """Each, but for who did it and in which hook."""
        # A save at an epoch's end has no batch here, and the last one in plain Keras.
        assert not isinstance(expected, dict)
        named = [save.given().items() for save in expected]
        unseen = ("by", "hook")
        yield "saved", [{k: v for k, v in save if k not in unseen} for save in named]

    def recorded(self, training: RecordedTraining) -> Any:
        """Those by callbacks that are in the file."""
        if not training.saves_known:
            return None
        saved = [used for used in training.run.checkpoints if training.is_item(used.by)]
        return [training.place(u) | {"path": training.path(u)} for u in saved] or "never"

    def decided(self, run: "Run") -> Any:
        """When each was written, and where."""
        return [
            known(epoch=saved.epoch, batch=saved.batch, path=saved.path)
            for saved in run.checkpoints
        ] or "never"

    def texts(self, outcome: FactOutcome, asked: Sequence[Happened]) -> Iterator[tuple[str, str]]:
        """Say which file was written when."""
        written = []
        for saved in self.of(outcome.run):
            batch = "" if saved.batch is None else f", batch {saved.batch}"
            written.append(f"{saved.path} in epoch {saved.epoch}{batch}")
        yield self.name, "; ".join(written) or "never"


def _written(value: Any) -> Any:
    return whose(value) if hasattr(value, "trained_batches") else value


def _by_callback(
    changes: Iterable[Any],
    who: Callable[[Any], str | None],
) -> Any:
    found: dict[str, list[Any]] = {}
    for change in changes:
        found.setdefault(str(who(change)), []).append(change.epoch)
    return {by: Raw(" ".join(map(shortest, epochs))) for by, epochs in found.items()} or "never"
