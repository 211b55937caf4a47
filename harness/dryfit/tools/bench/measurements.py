"""Measurements that were written as JSON, read again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from dryfit.scenario.bounded_file import UnreadableFileError
from dryfit.scenario.bounded_json import read_json
from dryfit.tools.bench.cost import Cost

_NEEDED = ("callback", "hook", "ns_per_batch")
_WANTED = "what `dryfit bench --format json` writes"


@dataclass(frozen=True, slots=True)
class MeasuredRun:
    """One measurement of some callbacks.

    Attributes:
        name: its file, or another name to call it by.
        costs: each callback as a whole, followed by its hooks.
        settings: how it was measured; runs that differ in it are not compared.
    """

    name: str
    costs: tuple[Cost, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)


class RunsError(ValueError):
    """Runs that cannot be read or compared.

    Attributes:
        problems: everything that is wrong.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


def read(sources: Iterable[Path | MeasuredRun]) -> list[MeasuredRun]:
    """Read files that ``dryfit bench --format json`` wrote; a run stays as it is.

    Raises:
        RunsError: with what is wrong in every file.
    """
    runs, problems = [], []
    for source in sources:
        try:
            runs.append(source if isinstance(source, MeasuredRun) else _read(source))
        except RunsError as error:
            problems += [f"{source}: {problem}" for problem in error.problems]
    if problems:
        raise RunsError(problems)
    return runs


def _read(file: Path) -> MeasuredRun:
    try:
        content = read_json(file)
    except UnreadableFileError as error:
        wanted = f"; expected is {_WANTED}" if str(error).startswith("is not JSON") else ""
        raise RunsError([f"{error}{wanted}"]) from None
    if problem := next(_other_kind(content), None):
        raise RunsError([problem])
    try:
        costs = TypeAdapter(tuple[Cost, ...]).validate_python(content)
    except ValidationError as error:
        raise RunsError(map(_said, error.errors())) from None
    return MeasuredRun(str(file), costs, content[0].get("settings", {}))


def _other_kind(content: object) -> Iterator[str]:
    """Say why this is JSON of something else."""
    if not isinstance(content, list):
        yield f"is another kind of JSON, {_kind(content)}; expected is a list, {_WANTED}"
        return
    if not content:
        yield "has no entries: nothing was measured"
    for place, entry in enumerate(content):
        if not isinstance(entry, dict):
            yield f"entry {place} is {_kind(entry)}, no object; expected is {_WANTED}"
        elif missing := [key for key in _NEEDED if key not in entry]:
            yield (
                f"entry {place} has no {', '.join(missing)}; it has "
                f"{', '.join(entry) or 'no keys'}; expected is {_WANTED}"
            )
        elif not isinstance(entry.get("settings", {}), dict):
            yield f"entry {place}: settings: expected is an object"


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return "null" if value is None else kinds.get(type(value), "a number")


def _said(error: Any) -> str:
    place, key, *_ = error["loc"]
    return f"entry {place}: {key}: {error['msg']}; found {error['input']!r}"
