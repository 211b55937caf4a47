"""Facts about weights: whose the model ended with, and whose a file has."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator

from dryfit.facts.comparing import Comparing, are, joined, told
from dryfit.facts.fact import Fact, FactOutcome, RecordedTraining
from dryfit.facts.failure import Failure, Failures, Key
from dryfit.facts.mapping_keys import WeightsExpected, WeightsKeys, file_map, list_or, text_or
from dryfit.facts.notation import flow, known
from dryfit_fakes.script import Script
from dryfit_fakes.weights import INITIAL, MIXED, Weights

if TYPE_CHECKING:
    from dryfit.run.run import Run

Whose: TypeAlias = Literal["initial", "mixed"] | WeightsKeys
FilesExpected: TypeAlias = list[str] | dict[str, str | WeightsKeys]


class FinalWeights(Fact[Whose]):
    """Whose weights the model ended with."""

    name = "weights"
    type = WeightsExpected
    keys = WeightsKeys
    at_the_end = True
    in_json = True

    def compare(self, expected: Whose, outcome: FactOutcome, how: Comparing) -> Failures:
        """Compare what is named of them."""
        got = self.of(outcome.run)
        if not are(got, expected):
            yield Failure(self.name, None, told(expected), str(got), (self.name,))

    def write(self, outcome: FactOutcome, expected: Whose | None, exact: bool) -> str:
        """Write whose they are."""
        return flow(whose(self.of(outcome.run)))

    def empty(self, expected: Whose) -> Iterator[Key]:
        """It, if nothing is named of them: they are always somebody's."""
        if isinstance(expected, WeightsKeys) and not expected.given():
            yield ()

    def recorded(self, training: RecordedTraining) -> Any:
        """Whose they are, if the replay puts back what was put back."""
        return training.weights if training.restores else None

    def decided(self, run: "Run") -> Any:
        """Whose epoch's."""
        return {"epoch": run.weights_epoch}

    def summary(self, run: "Run") -> Iterator[tuple[str, str]]:
        """Say who put weights back, and then whose they are."""
        if run.restored:
            yield "weights put back", "; ".join(f"{used.by}: {used.to}" for used in run.restored)
        if run.weights is not None:
            yield "weights at the end", str(run.weights)


class Files(Fact[FilesExpected]):
    """The files of the run's folder."""

    name = "files"
    type = Annotated[list_or(str, dict[str, text_or(WeightsKeys)]), BeforeValidator(file_map)]  # type: ignore[misc, valid-type]
    keys = WeightsKeys
    needs_files = True
    without_a_run = True

    def compare(self, expected: FilesExpected, outcome: FactOutcome, how: Comparing) -> Failures:
        """Compare their paths, and what is in those of which that is named."""
        files, key = outcome.files, (self.name,)
        wanted = sorted(expected)
        if wanted != sorted(files):
            yield Failure(self.name, None, joined(wanted), joined(sorted(files)), key)
        for path, content in expected.items() if isinstance(expected, dict) else ():
            if path in files and not _holds(files[path], content):
                shown = content if isinstance(content, str) else told(content)
                yield Failure(f"files.{path}", None, shown, str(files[path]), (*key, path))

    def empty(self, expected: FilesExpected) -> Iterator[Key]:
        """None: that there is no file is checked."""
        return iter(())

    def write(self, outcome: FactOutcome, expected: FilesExpected | None, exact: bool) -> str:
        """Write whose weights each has, or their paths where one has others."""
        files = outcome.files
        found = {path: whose(c) for path, c in files.items() if isinstance(c, Weights)}
        return flow(found if len(found) == len(files) else list(files))

    def plain(self, expected: FilesExpected, script: Script) -> Iterator[tuple[str, Any]]:
        """Their names, and what is in them as far as a count of batches tells."""
        yield "file names", sorted(expected)
        if isinstance(expected, dict):
            contents = {path: _seen(content, script) for path, content in expected.items()}
            yield (
                "files",
                {path: content for path, content in contents.items() if content is not None},
            )

    def decided(self, run: "Run") -> Any:
        """Whose weights each file was left with."""
        files: dict[str, Any] = {}
        for saved in run.checkpoints:
            at = {} if saved.batch is None else {"batch": saved.to.batch}
            files[str(saved.path)] = {"epoch": saved.to.epoch} | at
        return files or []

    def texts(
        self, outcome: FactOutcome, asked: Sequence[FilesExpected]
    ) -> Iterator[tuple[str, str]]:
        """Say what is in each."""
        told = (f"{path}: {_content(c)}" for path, c in sorted(outcome.files.items()))
        yield self.name, "; ".join(told) or "none"


def whose(weights: Weights | None) -> str | dict[str, int | None]:
    """Whose weights they are, as a file has it."""
    if weights is None or weights == MIXED:
        return "mixed"
    if weights == INITIAL:
        return "initial"
    return known(fit=weights.fit or None, epoch=weights.epoch, batch=weights.batch)


def by_batches(weights: Whose | None, script: Script) -> int | None:
    """How many batches trained weights that are expected, from a fresh model's first on.

    Args:
        weights: as `WeightsExpected` reads them; without a batch, those of the epoch's last.
        script: how many batches an epoch has, and which is the first.

    Returns:
        ``None`` for weights that no count of batches tells.
    """
    if weights is None or weights == "mixed":
        return None
    if weights == "initial":
        return 0
    if weights.trained_batches is not None:
        return int(weights.trained_batches)
    if weights.epoch is None or weights.fit:
        return None
    batch = script.batches - 1 if weights.batch is None else weights.batch
    return int((weights.epoch - script.initial_epoch) * script.batches + batch + 1)


def _seen(content: str | WeightsKeys, script: Script) -> str | int | None:
    if isinstance(content, WeightsKeys):
        return by_batches(content, script)
    return {"initial": 0, "mixed": None}.get(content, content)


def _holds(content: Weights | str, expected: str | WeightsKeys) -> bool:
    if isinstance(content, Weights):
        return are(content, expected)
    return isinstance(expected, str) and content.rstrip() == expected.rstrip()


def _content(content: Weights | str) -> str:
    if isinstance(content, str):
        return json.dumps(content, ensure_ascii=False)
    if content == MIXED:
        return "nobody's weights"
    if content == INITIAL:
        return "the initial weights"
    fit = f"fit {content.fit}, " if content.fit else ""
    return f"{fit}epoch {content.epoch}, batch {content.batch}"
