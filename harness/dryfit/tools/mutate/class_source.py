"""A class's source, its single faults, and putting one of them in."""

import ast
import inspect
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from dryfit.tools.mutate.operators import OPERATORS, Edit, Operator

# Calls whose arguments are text for people: what they say is no decision.
_SAY = frozenset("print print_msg warn debug info warning error exception critical".split())
_FOR_PEOPLE = ("__repr__", "__str__")


class NoSourceError(ValueError):
    """A class whose source cannot be read."""


@dataclass(frozen=True, eq=False)
class ClassSource:
    """A class as it stands in its file.

    Attributes:
        kind: the class.
        tree: its definition.
        module: what it is compiled from: the ``__future__`` imports, and the class alone.
    """

    kind: type
    file: Path
    lines: tuple[str, ...]
    tree: ast.ClassDef
    module: ast.Module

    def attributes(self) -> Iterator[tuple[str, ast.stmt]]:
        """Methods and class attributes with what defines them, but what is text for people."""
        for statement in self.tree.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                if statement.name not in _FOR_PEOPLE:
                    yield self._mangled(statement.name), statement
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                yield self._mangled(statement.targets[0].id), statement
            elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                yield self._mangled(statement.target.id), statement

    def _mangled(self, name: str) -> str:
        private = name.startswith("__") and not name.endswith("__")
        return f"_{self.tree.name.lstrip('_')}{name}" if private else name

    def faults(self) -> Iterator["Fault"]:
        """Every single fault."""
        for attribute, statement in self.attributes():
            for node, parent in _nodes(statement, self.tree):
                for operator in OPERATORS:
                    for edit in operator.edits(node, parent):
                        yield _fault(self, attribute, operator, edit)

    def namespace(self) -> dict[str, Any]:
        """The class's attributes, made anew from the tree as it is now.

        No class comes of it: its bases and decorators are not asked, so nothing is
        registered twice. ``super()`` and ``__class__`` mean the class that there is.
        """

        def keep(name: str, bases: Any, namespace: dict[str, Any]) -> dict[str, Any]:
            if (cell := namespace.pop("__classcell__", None)) is not None:
                cell.cell_contents = self.kind
            return namespace

        module = ast.fix_missing_locations(self.module)
        code = compile(module, str(self.file), "exec", dont_inherit=True)
        made: dict[str, Any] = {"keep": keep}
        exec(code, vars(sys.modules[self.kind.__module__]), made)  # noqa: S102  # their own source
        return dict(made[self.tree.name])


@dataclass(frozen=True, eq=False)
class Fault:
    """One changed place of a class.

    Attributes:
        attribute: the method, or class attribute, in which it is.
        change: the change, in one line.
    """

    source: ClassSource
    attribute: str
    line: int
    operator: Operator
    change: str
    edit: Edit

    @property
    def key(self) -> str:
        """The method's name with its class's."""
        return f"{self.source.kind.__name__}.{self.attribute}"

    @property
    def text(self) -> str:
        """The source line."""
        return self.source.lines[self.line - 1].strip()


def sources(kind: type) -> list[ClassSource]:
    """The class's source, and that of each base that is its author's own.

    Raises:
        NoSourceError: there is none for the class.
    """
    mine = [base for base in kind.__mro__ if base is kind or _is_own(base, kind)]
    return [source_of(base) for base in mine]


def source_of(kind: type) -> ClassSource:
    """Read a class's source.

    Raises:
        NoSourceError: there is none.
    """
    module = sys.modules[kind.__module__]
    try:
        text = inspect.getsource(module)
    except (OSError, TypeError):
        raise NoSourceError(
            f"no source of {kind.__name__}: {_where(module)} is not Python"
        ) from None
    whole = ast.parse(text)
    found: ast.AST | None = whole
    for name in kind.__qualname__.split("."):
        found = _definition(name, found)
    if not isinstance(found, ast.ClassDef):
        raise NoSourceError(
            f"no source of {kind.__name__}: {_where(module)} has no `class {kind.__name__}`; "
            "a class that is made otherwise cannot be changed"
        )
    found.bases, found.decorator_list = [], []
    found.keywords = [ast.keyword("metaclass", ast.Name("keep", ast.Load()))]
    future = [
        node
        for node in whole.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    ]
    alone = ast.Module([*future, found], type_ignores=[])
    return ClassSource(kind, Path(_where(module)), tuple(text.splitlines()), found, alone)


@contextmanager
def put_in(fault: Fault) -> Iterator[None]:
    """Put a fault into the class, and take it out again however it ends."""
    edit, kind = fault.edit, fault.source.kind
    sound = getattr(edit.node, edit.name)
    setattr(edit.node, edit.name, edit.value)
    try:
        changed = fault.source.namespace()[fault.attribute]
    finally:
        setattr(edit.node, edit.name, sound)
    before = vars(kind)[fault.attribute]
    setattr(kind, fault.attribute, changed)
    try:
        yield
    finally:
        setattr(kind, fault.attribute, before)


def _where(module: ModuleType) -> str:
    return str(getattr(module, "__file__", None) or module.__name__)


def _definition(name: str, within: ast.AST | None) -> ast.ClassDef | None:
    """The last class of a name, as Python would have it; not deeper than in an ``if``."""
    found = None
    for node in ast.iter_child_nodes(within) if within is not None else ():
        if isinstance(node, ast.ClassDef):
            found = node if node.name == name else found
        elif isinstance(node, ast.If | ast.Try):
            found = _definition(name, node) or found
    return found


def _is_own(base: type, kind: type) -> bool:
    """Whether a base is by who wrote the class: of the same package, or nothing installed."""
    package = base.__module__.partition(".")[0]
    file = getattr(sys.modules.get(base.__module__), "__file__", None)
    if file is None or package in ("keras", "tf_keras"):
        return False
    installed = {sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")}
    same = package == kind.__module__.partition(".")[0]
    return same or not any(Path(file).is_relative_to(folder) for folder in installed)


def _nodes(node: ast.AST, parent: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Every node that decides something, with its parent."""
    yield node, parent
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "defaults", "kw_defaults"):
            continue
        if isinstance(node, ast.Call) and name in ("args", "keywords") and _says(node, parent):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _nodes(child, node)


def _says(call: ast.Call, parent: ast.AST) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    return name in _SAY or isinstance(parent, ast.Raise)


def _fault(source: ClassSource, attribute: str, operator: Operator, edit: Edit) -> Fault:
    return Fault(source, attribute, edit.at.lineno, operator, _change(edit), edit)  # type: ignore[attr-defined]


def _change(edit: Edit) -> str:
    if edit.words:
        return " ".join(edit.words.split())
    was, sound = ast.unparse(edit.at), getattr(edit.node, edit.name)
    setattr(edit.node, edit.name, edit.value)
    now = ast.unparse(edit.at)
    setattr(edit.node, edit.name, sound)
    return f"`{was}` becomes `{now}`".replace("not not ", "")
