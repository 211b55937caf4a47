"""What a thing is called where it can be imported."""

import sys
from typing import Any


def importable_name(thing: object) -> str | None:
    """``module:name`` of a class or a function that can be imported; ``None`` of any other."""
    module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
    if module in (None, "__main__") or not name:
        return None
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return f"{module}:{name}" if found is thing else None
