"""Errors that are raised where somebody wrote what is wrong, not where it was found."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

_C = TypeVar("_C", bound=type)


def raises_at_the_caller(*errors: type[Exception]) -> Callable[[_C], _C]:
    """Let a class raise what is wrong with its arguments without the frames that found it.

    Args:
        errors: those that are about the arguments.
    """

    def decorate(cls: _C) -> _C:
        init: Callable[..., None] = cls.__init__  # type: ignore[misc]

        @wraps(init)
        def raising_at_the_caller(self: Any, *arguments: Any, **keys: Any) -> None:
            __tracebackhide__ = True
            try:
                init(self, *arguments, **keys)
            except errors as error:
                raise error.with_traceback(None) from None

        cls.__init__ = raising_at_the_caller  # type: ignore[misc]
        return cls

    return decorate
