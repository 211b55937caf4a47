"""Measurements that were written as JSON, read again."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import NoneType
from typing import Any, get_args

from dryfit.scenario.bounded_file import UnreadableFileError
from dryfit.scenario.bounded_json import read_json
from dryfit.tools.bench.cost import Cost

_NEEDED = ("callback", "hook", "ns_per_batch")
_KINDS = {
    dict: "an object",
    list: "a list",
    str: "a string",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    NoneType: "null",
}
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
    problems: list[str] = []
    costs = tuple(_cost(place, entry, problems) for place, entry in enumerate(content))
    if problems:
        raise RunsError(problems)
    return MeasuredRun(str(file), costs, content[0].get("settings", {}))


def _cost(place: int, entry: Mapping[str, Any], problems: list[str]) -> Cost:
    """Read an entry by its fields' types; pydantic takes longer to load than all else."""
    kept = {}
    for name, kind in Cost.__annotations__.items():
        if name in entry:
            kinds = get_args(kind) or (kind,)
            kept[name] = _read_as(entry[name], kinds)
            if type(kept[name]) not in kinds:
                wanted = " or ".join(_KINDS[kind] for kind in kinds)
                found = f"expected is {wanted}; found {entry[name]!r}"
                problems.append(f"entry {place}: {name}: {found}")
    return Cost(**kept)


def _read_as(value: Any, kinds: tuple[type, ...]) -> Any:
    """A number where one is wanted, of those that JSON has not, too."""
    if float in kinds and (type(value) is int or value in ("nan", "inf", "-inf")):
        with suppress(OverflowError):
            return float(value)
    return value


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
    return _KINDS[float if type(value) is int else type(value)]
