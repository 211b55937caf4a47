"""The source of a callback's own code: the methods of its classes, as syntax trees.

Nothing is run: what a callback would do in a replay is read.
"""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from dryfit_fakes.backend import keras

_NOT_THEIRS = ("keras", "tf_keras", "tensorflow", "dryfit", "dryfit_fakes", "builtins")


@dataclass(frozen=True)
class OwnFunction:
    """A function, and what its names stand for.

    Attributes:
        tree: its definition.
        names: the globals of its module.
    """

    tree: ast.FunctionDef | ast.Lambda
    names: dict[str, Any] = field(repr=False)

    @property
    def parameters(self) -> list[str]:
        """The names of its parameters, in order."""
        arguments = self.tree.args
        return [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def own_classes(kind: type) -> Iterator[type]:
    """A callback's classes, but for those of Keras and ours."""
    for base in kind.__mro__:
        if base.__module__.partition(".")[0] not in _NOT_THEIRS:
            yield base


def methods(kind: type) -> dict[str, OwnFunction]:
    """The methods of a callback that are not Keras' or ours, the nearest of each name.

    A class whose source is not there has none.
    """
    found: dict[str, OwnFunction] = {}
    for base in own_classes(kind):
        for name, function in _of_class(base).items():
            found.setdefault(name, function)
    return found


@cache
def _of_class(kind: type) -> dict[str, OwnFunction]:
    tree = _parsed(kind)
    names = vars(sys.modules.get(kind.__module__, object))
    body = tree.body[0].body if tree is not None and isinstance(tree.body[0], ast.ClassDef) else []
    return {
        node.name: OwnFunction(node, dict(names))
        for node in body
        if isinstance(node, ast.FunctionDef)
    }


def function_source(function: Callable[..., Any]) -> OwnFunction | None:
    """A function's definition; ``None`` if its source is not there, or it is a library's."""
    module = getattr(function, "__module__", None) or ""
    if module.partition(".")[0] in _NOT_THEIRS or not inspect.isfunction(function):
        return None
    tree = _parsed(function)
    if tree is None or not isinstance(tree.body[0], ast.FunctionDef):
        return None
    return OwnFunction(tree.body[0], function.__globals__)


@cache
def _parsed(thing: Any) -> ast.Module | None:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(thing)))
    except (OSError, TypeError, SyntaxError):
        return None


def is_keras(kind: type) -> bool:
    """Whether a class is one of ``keras.callbacks``."""
    return getattr(keras.callbacks, kind.__name__, None) is kind
