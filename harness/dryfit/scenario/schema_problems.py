"""What a schema found wrong, in our words: the key; found, allowed, did you mean."""

import re
from typing import Any

from pydantic_core import ErrorDetails

from dryfit.facts.expect_keys import FACTS
from dryfit.facts.failure import Key
from dryfit.facts.mapping_keys import Keys, WeightsKeys
from dryfit.facts.suggestions import did_you_mean
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
        allowed = _allowed(location)
        hint = did_you_mean(str(last), allowed)
        return (*inside, last), f"unknown key{hint or '.'} Allowed: {', '.join(allowed)}"
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return key, "expected a mapping"
    if kind == "list_type":
        return key, "expected a list"
    return key, str(problem["msg"]).removeprefix("Value error, ")


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


def _allowed(location: tuple[Any, ...]) -> list[str]:
    """The keys of the mapping that a location is in."""
    for part in reversed(location[:-1]):
        if part in _PLACES:
            return list(_PLACES[part].model_fields)
    return list(ScenarioKeys.model_fields)
