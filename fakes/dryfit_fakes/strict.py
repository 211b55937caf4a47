"""The error of a fake that is asked for what it does not offer.

A fake that answers everything hides bugs: with a ``MagicMock`` for a model,
ReduceLROnPlateau finds an ``optimizers`` attribute, iterates over nothing and
silently never cuts.
"""

from difflib import get_close_matches

from dryfit_fakes.refusals import note_refusal


class NotOfferedError(AttributeError):
    """An attribute that the fake does not offer.

    The message is put together when it is read: Keras probes with ``hasattr``
    once per epoch and more.

    Args:
        owner: the fake.
        name: the attribute.
        remedy: how to go on.
    """

    def __init__(self, owner: object, name: str, remedy: str) -> None:
        super().__init__(name=name, obj=owner)
        self.remedy = remedy
        note_refusal(owner, name)

    def __str__(self) -> str:
        kind = type(self.obj)
        fake = next(c for c in kind.__mro__ if "__getattr__" in vars(c))  # a subclass may add more
        offered = sorted(name for name in dir(fake) if not name.startswith("_"))
        close = get_close_matches(str(self.name), offered, 1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        return (
            f"{kind.__name__} has no attribute {self.name!r}.{hint}\n"
            f"It offers what a script can answer for: {', '.join(offered)}.\n{self.remedy}"
        )
