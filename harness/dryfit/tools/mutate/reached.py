"""Which cases of a pack reach which methods: no other case can notice a fault in them."""

import functools
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from dryfit.tools.mutate.class_source import ClassSource


class Reached:
    """The methods that were called since it was asked last, as ``Class.method``.

    Args:
        sources: the classes that are watched.
    """

    def __init__(self, sources: Sequence[ClassSource]) -> None:
        self._sources = sources
        self._called: set[str] = set()
        # What is no plain function cannot be watched: whoever calls anything may reach it.
        self._others: set[str] = set()

    def taken(self) -> frozenset[str]:
        """Those that were called, and forget them."""
        called, self._called = self._called, set()
        return frozenset(called | self._others if called else called)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch the classes for a while."""
        before: list[tuple[type, str, Any]] = []
        try:
            for source in self._sources:
                for name, _ in source.attributes():
                    value, key = vars(source.kind).get(name), f"{source.kind.__name__}.{name}"
                    if isinstance(value, types.FunctionType):
                        before.append((source.kind, name, value))
                        setattr(source.kind, name, self._telling(value, key))
                    else:
                        self._others.add(key)
            yield
        finally:
            for kind, name, value in before:
                setattr(kind, name, value)

    def _telling(self, function: Callable[..., object], key: str) -> Any:
        @functools.wraps(function)
        def tell(*arguments: Any, **keywords: Any) -> Any:
            self._called.add(key)
            return function(*arguments, **keywords)

        return tell
