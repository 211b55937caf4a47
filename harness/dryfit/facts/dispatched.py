"""Facts about hooks, and about what was printed and warned in them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dryfit.facts.comparing import Comparing
from dryfit.facts.fact import Fact, FactOutcome
from dryfit.facts.failure import Failure, Failures, Key
from dryfit.facts.mapping_keys import Matches, MatchKeys
from dryfit.facts.notation import flow, written_series
from dryfit.facts.values import NEVER_SCHEMA, Numbers, Text, Texts
from dryfit.run.timeline_events import hook_line
from dryfit_fakes.script import Script

if TYPE_CHECKING:
    from dryfit.run.run import Run


_NO_HOOK = "none"


class Hooks(Fact[list[str]]):
    """Every dispatch, a line each."""

    name = "hooks"
    type = Texts
    needs_batches = True

    def of(self, run: "Run") -> list[str]:
        """The lines."""
        return [hook_line(hook) for hook in run.hooks]

    def hooks(self, expected: list[str]) -> Iterator[tuple[Key, str]]:
        """The hook of each line."""
        for index, line in enumerate(expected):
            yield (index,), line.partition(" ")[0]


class Indices(Fact[dict[str, list[int]]]):
    """What hooks were called with: a batch's index, an epoch's where there is no batch."""

    name = "indices"
    type = dict[str, Numbers]
    needs_batches = True

    def of(self, run: "Run") -> dict[str, list[int | None]]:
        """Those of each hook."""
        return {hook: _indices(run, hook) for hook in {event.name: None for event in run.hooks}}

    def compare(
        self, expected: dict[str, list[int]], outcome: FactOutcome, how: Comparing
    ) -> Failures:
        """Compare each hook's."""
        for hook, values in expected.items():
            key = (self.name, hook)
            yield from how.items(f"indices.{hook}", values, _indices(outcome.run, hook), key)

    def write(
        self, outcome: FactOutcome, expected: dict[str, list[int]] | None, exact: bool
    ) -> str:
        """Write those of the hooks that are named, or of a batch's end."""
        hooks = expected or ["on_train_batch_end"]
        return flow({hook: written_series(_indices(outcome.run, hook)) for hook in hooks})

    def hooks(self, expected: dict[str, list[int]]) -> Iterator[tuple[Key, str]]:
        """Each of them."""
        for hook in expected:
            yield (hook,), hook

    def plain(self, expected: dict[str, list[int]], script: Script) -> Iterator[tuple[str, Any]]:
        """Those of training batches."""
        batches = ("on_train_batch_begin", "on_train_batch_end")
        if seen := {name: values for name, values in expected.items() if name in batches}:
            yield self.name, seen


class LastHook(Fact[str]):
    """The last hook that was dispatched."""

    name = "last_hook"
    type = Text
    needs_batches = True

    def of(self, run: "Run") -> str:
        """Its name."""
        return run.hooks[-1].name if run.hooks else _NO_HOOK

    def hooks(self, expected: str) -> Iterator[tuple[Key, str]]:
        """It, if there is one."""
        if expected != _NO_HOOK:
            yield (), expected


class Said(Fact[list[str | MatchKeys]]):
    """Texts that have to come in this order, others may stand between."""

    type = Matches
    forms = (NEVER_SCHEMA,)
    keys = MatchKeys

    def compare(
        self, expected: list[str | MatchKeys], outcome: FactOutcome, how: Comparing
    ) -> Failures:
        """Look for each behind the one before; or count how often one occurs."""
        texts = self.of(outcome.run)
        if expected == [] and texts:
            yield Failure(self.name, None, "never", f"{len(texts)}: {texts[0]!r}", (self.name,))
        position = 0
        for index, item in enumerate(expected):
            what, key = f"{self.name}[{index}]", (self.name, index)
            if isinstance(item, MatchKeys):
                times = sum(item.match in text for text in texts)
                if times != item.times:
                    wanted = f"{item.match!r} {item.times} times"
                    yield Failure(what, None, wanted, f"{times} times", key)
                continue
            found = [i for i in range(position, len(texts)) if item in texts[i]]
            if not found:
                rest = "; ".join(repr(text) for text in texts[position:]) or "nothing more"
                yield Failure(what, None, repr(item), rest, key)
                return
            position = found[0] + 1

    def write(
        self, outcome: FactOutcome, expected: list[str | MatchKeys] | None, exact: bool
    ) -> str:
        """Write all of them; blank ones where there is nothing else."""
        texts = self.of(outcome.run)
        return flow([text for text in texts if text.strip()] or texts or "never")


class Warnings(Said):
    """What was warned."""

    name = "warnings"

    def of(self, run: "Run") -> list[str]:
        """The messages."""
        return [warning.message for warning in run.warnings]

    def write(
        self, outcome: FactOutcome, expected: list[str | MatchKeys] | None, exact: bool
    ) -> str:
        """Write all of them, empty ones too."""
        return flow(self.of(outcome.run) or "never")

    def plain(self, expected: list[str | MatchKeys], script: Script) -> Iterator[tuple[str, Any]]:
        """How often some occur; that there are none cannot be told: backends have their own."""
        counted = {text.match: text.times for text in expected if isinstance(text, MatchKeys)}
        if counted:
            yield self.name, counted


class Prints(Said):
    """What was printed."""

    name = "prints"

    def of(self, run: "Run") -> list[str]:
        """The lines."""
        return [line.text for line in run.prints]


def _indices(run: "Run", hook: str) -> list[int | None]:
    events = [event for event in run.hooks if event.name == hook]
    return [event.epoch if event.batch is None else event.batch for event in events]
