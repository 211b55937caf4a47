"""The error of a fake that is asked for what it does not offer.

A fake that answers everything hides bugs: with a ``MagicMock`` for a model,
ReduceLROnPlateau finds an ``optimizers`` attribute, iterates over nothing and
silently never cuts.
"""

from difflib import get_close_matches


class NotOfferedError(AttributeError):
    """An attribute that the fake does not offer."""


def not_offered(owner: object, name: str, remedy: str) -> NotOfferedError:
    """Build the error for an attribute, with what is offered and how to go on."""
    kind = type(owner).__name__
    offered = sorted(attribute for attribute in dir(type(owner)) if not attribute.startswith("_"))
    close = get_close_matches(name, offered, 1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return NotOfferedError(
        f"{kind} has no attribute {name!r}.{hint}\n"
        f"It offers what a script can answer for: {', '.join(offered)}.\n{remedy}",
        name=name,
        obj=owner,
    )
