"""A callback with alternatives: ``EarlyStopping: {patience: 1..4, mode: min|max}``.

Written as an item of a file's ``callbacks``, outside of any file. ``A..B`` are the
whole numbers from A to B, ``A|B`` is one or the other, and all combinations are meant.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from math import prod
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import TypeAdapter, ValidationError

from dryfit.facts.scalar import Scalar, Sourced, plain
from dryfit.facts.suggestions import did_you_mean
from dryfit.scenario.construct import ConstructionError, callback_maker, make_callbacks
from dryfit.scenario.imported import imported_by, why_not_imported
from dryfit.scenario.parameters import parameters_of
from dryfit.scenario.problems import ScenarioFileError
from dryfit.scenario.schema import Callbacks
from dryfit.scenario.source import Document, parse_documents
from dryfit.scenario.trust import USUAL, Trust
from dryfit.scenario.usage import UsageError

MAX_SETTINGS = 1000

Item: TypeAlias = tuple[str, dict[str, Any]]

_ITEMS = TypeAdapter[list[Item]](Callbacks)
_RANGE = re.compile(r"(-?\d{1,9})\.\.(-?\d{1,9})")
_LIKE_A_RANGE = re.compile(r"[-+.\deE]*\.\.[-+.\deE]*")


@dataclass(frozen=True, slots=True)
class Alternatives:
    """A callback, and what each argument may be.

    Attributes:
        arguments: alternatives by argument, in parts: a range is not written out
            before it is known how long it is.
    """

    name: str
    arguments: Mapping[str, Sequence[Sequence[Any]]]

    def count(self, key: str) -> int:
        """How many alternatives an argument has."""
        return sum(map(len, self.arguments[key]))

    def kind(self, trust: Trust = USUAL) -> Any:
        """Import the class, and what arguments name.

        Args:
            trust: whether paths may lead out of the run's folder, and anything is imported.

        Raises:
            UsageError: there is no such callback, it takes no such argument, or it would have to
                be imported and may not.
        """
        first = {key: parts[0][0] for key, parts in self.arguments.items()}
        for _, name in () if trust.imports else imported_by(self.name, first):
            raise _refused("", why_not_imported(name))
        try:
            kind = callback_class(self.name, first, trust)
        except ConstructionError as error:
            raise _refused(self.name, str(error)) from None
        for key in self.arguments:
            _check_argument(self.name, kind, key)
        return kind


def read_alternatives(text: str) -> Alternatives:
    """Read a callback and what each argument may be.

    Raises:
        UsageError: the text is not one callback, or a range is none.
    """
    documents = _documents(text)
    if len(documents) != 1:
        raise _refused("", "expected one callback, such as 'EarlyStopping: {patience: 3}'")
    data = documents[0].data
    try:
        ((name, _),) = _ITEMS.validate_python([data])
    except ValidationError as error:
        message = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise _refused("", message) from None
    written = data[name] if isinstance(data, dict) else None
    arguments = written if isinstance(written, dict) else {}
    return Alternatives(name, {k: _parts(f"{name}.{k}", value) for k, value in arguments.items()})


def combinations(
    items: Sequence[Alternatives], most: int = MAX_SETTINGS
) -> Iterator[tuple[Item, ...]]:
    """Every combination; the last argument varies fastest.

    Args:
        items: callbacks, each with what its arguments may be.
        most: how many combinations there may be.

    Raises:
        UsageError: there are more; raised before any is made.
    """
    places = [(index, key) for index, item in enumerate(items) for key in item.arguments]
    counts = [items[index].count(key) for index, key in places]
    if (total := prod(counts)) > most:
        factors = " x ".join(f"{count:,}" for count in counts if count > 1)
        shown = factors if factors == f"{total:,}" else f"{factors} = {total:,}"
        raise _refused("", f"{shown} settings; {most:,} at most are played")
    for values in product(*(chain(*items[index].arguments[key]) for index, key in places)):
        combination: tuple[Item, ...] = tuple((item.name, {}) for item in items)
        for (index, key), value in zip(places, values, strict=True):
            combination[index][1][key] = value
        yield combination


def varied_arguments(asked: Sequence[Alternatives]) -> Callable[[Sequence[Item]], dict[str, Any]]:
    """Tell which arguments differ between rows: those with alternatives, or all if none has."""
    places = [(index, key) for index, item in enumerate(asked) for key in item.arguments]
    varied = [(index, key) for index, key in places if asked[index].count(key) > 1] or places
    keys = [key for _, key in varied]
    titles = [key if keys.count(key) == 1 else f"{asked[i].name}.{key}" for i, key in varied]

    def of(items: Sequence[Item]) -> dict[str, Any]:
        named = zip(titles, varied, strict=True)
        return {title: items[i][1][key] for title, (i, key) in named if key in items[i][1]}

    return of


def callback_class(name: str, arguments: Mapping[str, Any], trust: Trust = USUAL) -> Any:
    """Import a callback's class, or the function that makes it, and what its arguments name.

    Raises:
        ConstructionError: a name that is no callback, or an import that fails.
    """
    for _ in make_callbacks(((name, dict(arguments)),), Path(), trust=trust):
        pass
    return callback_maker(name)


def _refused(key: str, message: str) -> UsageError:
    return UsageError("CALLBACK", f"{key}: {message}" if key else message)


def _documents(text: str) -> list[Document]:
    try:
        return parse_documents(text, Path())
    except ScenarioFileError as error:
        raise _refused("", "; ".join(problem.message for problem in error.problems)) from None


def _parts(key: str, data: Sourced) -> Sequence[Sequence[Any]]:
    if not (isinstance(data, Scalar) and isinstance(data.value, str)):
        return [[plain(data)]]
    if "|" not in data.value:
        return [_range(key, data)]
    return [_range(key, _single(key, part)) for part in data.value.split("|")]


def _single(key: str, text: str) -> Scalar:
    documents = _documents(text)
    if len(documents) != 1 or not isinstance(documents[0].data, Scalar):
        raise _refused(key, f"between | stand single values, not {text.strip()!r}")
    return documents[0].data


def _range(key: str, data: Scalar) -> Sequence[Any]:
    bounds = _RANGE.fullmatch(data.text)
    if bounds is None and _LIKE_A_RANGE.fullmatch(data.text):
        advice = "A..B are the whole numbers from A to B; write others as .1|.2|.5"
        raise _refused(key, f"{data.text!r}: {advice}")
    if bounds is None:
        return [data.value]
    first, last = int(bounds[1]), int(bounds[2])
    if last < first:
        raise _refused(key, f"{data.text!r} has no values; write {last}..{first}")
    return range(first, last + 1)


def _check_argument(name: str, kind: type, key: str) -> None:
    """Refuse what no constructor takes; where one takes anything, what is misspelt."""
    known, takes_anything = parameters_of(kind)
    hint = did_you_mean(key, known, cutoff=0.8 if takes_anything else 0.6)
    if key not in known and (hint or not takes_anything):
        message = f"no such argument{hint or '.'} {name} takes {', '.join(known) or 'none'}"
        raise _refused(f"{name}.{key}", message)
