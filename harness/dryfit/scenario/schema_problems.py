"""What a schema found wrong, in our words: the key; found, allowed, did you mean."""

import re
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dryfit.facts.expect_keys import FACTS
from dryfit.facts.failure import Key
from dryfit.facts.mapping_keys import EventKeys, Keys, WeightsKeys
from dryfit.facts.notation import flow
from dryfit.facts.scalar import Scalar, Sourced
from dryfit.facts.suggestions import did_you_mean
from dryfit.facts.values import ItemError, found, read_series
from dryfit.scenario.schema import (
    CallKeys,
    DiskKeys,
    Expect,
    InterruptKeys,
    KnownDefect,
    LoadKeys,
    ScenarioKeys,
    ScriptKeys,
    VariantKeys,
)

# Parts that pydantic puts into a location for the branches of a union.
_BRANCHES = re.compile(r"function-|literal\[|list\[|dict\[|str$|constrained-|nullable")


def explained(problem: ErrorDetails) -> tuple[Key, str]:
    """Say what pydantic found in our words: the key, and found, allowed, did you mean."""
    location, kind = problem["loc"], problem["type"]
    key = tuple(part for part in location if not _is_branch(part))
    if kind in ("extra_forbidden", "missing"):  # the last is a key, whatever it is called
        *inside, last = location
        inside = [part for part in inside if not _is_branch(part)]
        if kind == "missing":
            return tuple(inside), f"{last} is missing"
        return (*inside, last), _unknown(location, problem["input"])
    alone = _as_a_mapping(key, problem["input"])
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return key, f"expected a mapping, found {found(problem['input'])}{alone}"
    if kind == "list_type":
        return key, f"expected a list, found {found(problem['input'])}{alone}"
    error = problem.get("ctx", {}).get("error")
    if isinstance(error, ItemError):
        key += error.at
    return key, str(problem["msg"]).removeprefix("Value error, ") + alone


def _as_a_mapping(key: tuple[Any, ...], value: object) -> str:
    """How a value would be written that stands where a mapping has to, if that is known."""
    names = [part for part in key if isinstance(part, str)]
    keys = _PLACES.get(names[-1]) if names else None
    if not (keys and keys.alone and isinstance(value, Scalar)) or value.value is None:
        return ""
    try:
        keys.model_validate({keys.alone: value})
    except ValidationError:
        return ""
    written = f"{{{keys.alone}: {value.text}}}"
    listed = issubclass(keys, EventKeys) and isinstance(key[-1], str)
    return f"; write {f'[{written}]' if listed else written}"


def _unknown(location: tuple[Any, ...], value: Sourced) -> str:
    """Say what is allowed where an unknown key stands, and what was perhaps meant."""
    place, last = _place(location), str(location[-1])
    meant, allowed = _MEANT.get(last, last), list(place.model_fields)
    below = [name for name, keys in _BELOW.items() if meant in keys.model_fields]
    if place is ScenarioKeys and below:
        hint = "." if meant == last else f"; did you mean {meant!r}?"
        return f"unknown key{hint} It goes below {below[0]}: indent it by two"
    hint = did_you_mean(meant, allowed, cutoff=1 if meant in allowed else 0.6)
    if place is ScriptKeys and not hint and (metric := _as_metric(last, value)):
        hint = f". A metric goes below metrics: {metric}."
    return f"unknown key{hint or '.'} Allowed: {', '.join(allowed)}"


def _as_metric(name: str, value: Sourced) -> str:
    """A key with a series as it would stand among metrics; empty for what is no series."""
    if not isinstance(value, Scalar):
        return ""
    try:
        read_series(value)
    except ValueError:
        return ""
    return f"{{{flow(name)}: {' '.join(value.text.split())}}}"


def _is_branch(part: int | str) -> bool:
    return isinstance(part, str) and bool(_BRANCHES.match(part) or part in _MODELS)


def _models() -> dict[str, type[Keys]]:
    found: dict[str, type[Keys]] = {}
    todo = [Keys]
    while todo:
        for model in todo.pop().__subclasses__():
            found[model.__name__] = model
            todo.append(model)
    return found


_MODELS = _models()
_PLACES: dict[str, Any] = {
    "script": ScriptKeys,
    "interrupt": InterruptKeys,
    "disk": DiskKeys,
    "expect": Expect,
    "instead": Expect,
    "known_defect": KnownDefect,
    "to": WeightsKeys,
    "calls": CallKeys,
    "variants": VariantKeys,
    "model": LoadKeys,
} | {fact.name: fact.keys for fact in FACTS if fact.keys is not None}


# What stands in a scenario below a key of its own, and how a key is called elsewhere.
_BELOW: dict[str, type[Keys]] = {"script": ScriptKeys, "expect": Expect}
_MEANT = {"lr": "learning_rate"}


def _place(location: tuple[Any, ...]) -> Any:
    """The model of the mapping that a location is in."""
    for part in reversed(location[:-1]):
        if part in _PLACES:
            return _PLACES[part]
    return ScenarioKeys
