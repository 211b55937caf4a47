"""What a callback's class takes by name, and what was meant by what it does not take."""

import re
from collections.abc import Callable, Iterator
from inspect import Parameter, signature
from typing import Any

from dryfit.facts.suggestions import did_you_mean

_UNEXPECTED = re.compile(r"unexpected keyword argument '(\w+)'$")


def parameters_of(kind: Callable[..., object]) -> tuple[list[str], bool]:
    """What a class takes by name, with its bases' where it may hand on; whether anything goes."""
    known: dict[str, None] = {}
    own: bool | None = None
    for parameters in _signatures(kind):
        named = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
        known |= dict.fromkeys(p.name for p in parameters if p.kind in named)
        takes_anything = any(p.kind is Parameter.VAR_KEYWORD for p in parameters)
        own = takes_anything if own is None else own
        if not takes_anything:
            break
    return list(known), bool(own)


def meant_argument(kind: Callable[..., object], error: BaseException | None) -> str:
    """Which argument was perhaps meant, where a class or a function takes none of that name."""
    found = _UNEXPECTED.search(str(error)) if isinstance(error, TypeError) else None
    try:
        return did_you_mean(found[1], parameters_of(kind)[0]) if found else ""
    except (TypeError, ValueError):  # it does not tell what it takes
        return ""


def _signatures(kind: Any) -> Iterator[list[Parameter]]:
    """The parameters of a function, or of a class' constructor and those of its bases."""
    if not isinstance(kind, type):
        yield list(signature(kind).parameters.values())
        return
    for base in kind.__mro__:
        if "__init__" in vars(base):
            yield list(signature(vars(base)["__init__"]).parameters.values())[1:]
