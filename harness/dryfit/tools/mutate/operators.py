"""The kinds of single fault: what each changes, and what would notice it.

A kind that changes nothing that a run can show is not made: annotations, docstrings,
the text of messages, ``logs = logs or {}`` (``fit`` always hands a dict).
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Edit:
    """One changed attribute of one node of a syntax tree.

    Attributes:
        node: whose attribute it is.
        value: what stands there with the fault.
        at: the node that tells the line, and whose text shows the change.
        words: the change, where no text shows it.
    """

    node: ast.AST
    name: str
    value: Any
    at: ast.AST
    words: str = ""


Edits: TypeAlias = Iterator[Edit]


@dataclass(frozen=True, slots=True)
class Operator:
    """A kind of fault.

    Attributes:
        name: in few words.
        edits: the faults of this kind at a node, whose parent is given too.
        advice: what to write, so that a fault of this kind is noticed.
    """

    name: str
    edits: Callable[[ast.AST, ast.AST], Edits]
    advice: str


_BOUNDARY: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.USub: ast.UAdd,
}
_TWINS = {
    "min": "max",
    "minimum": "maximum",
    "argmin": "argmax",
    "less": "greater",
    "less_equal": "greater_equal",
    "floor": "ceil",
    "any": "all",
}
_TWINS |= {other: name for name, other in _TWINS.items()}


def _replaced(table: dict[Any, Any], node: ast.Compare) -> Edits:
    for index, op in enumerate(node.ops):
        if type(op) in table:
            ops = [*node.ops[:index], table[type(op)](), *node.ops[index + 1 :]]
            yield Edit(node, "ops", ops, node)


def _boundary(node: ast.AST, parent: ast.AST) -> Edits:
    if isinstance(node, ast.Compare):
        yield from _replaced(_BOUNDARY, node)


def _opposite(node: ast.AST, parent: ast.AST) -> Edits:
    if isinstance(node, ast.Compare):
        yield from _replaced(_OPPOSITE, node)


def _negated(node: ast.AST, parent: ast.AST) -> Edits:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield Edit(node, "operand", ast.UnaryOp(ast.Not(), node.operand), node)
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        plain = isinstance(node.test, ast.Compare) and len(node.test.ops) == 1
        turned = isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not)
        if not plain and not turned:  # those are faults of their own
            test = ast.unparse(node.test)
            words = f"`{test}` becomes `not ({test})`"
            yield Edit(node, "test", ast.UnaryOp(ast.Not(), node.test), node.test, words)


def _and_or(node: ast.AST, parent: ast.AST) -> Edits:
    if isinstance(node, ast.BoolOp) and not _is_spare_dict(parent):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield Edit(node, "op", other, node)


def _flipped(node: ast.AST, parent: ast.AST) -> Edits:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield Edit(node, "value", not node.value, _around(node, parent))


def _off_by_one(node: ast.AST, parent: ast.AST) -> Edits:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        for value in (node.value + 1, node.value - 1):
            yield Edit(node, "value", value, _around(node, parent))


def _arithmetic(node: ast.AST, parent: ast.AST) -> Edits:
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.UnaryOp):
        parts = (getattr(node, name, None) for name in ("left", "right", "value"))
        texts = any(_is_text(part) for part in parts)
        if type(node.op) in _ARITHMETIC and not texts:
            yield Edit(node, "op", _ARITHMETIC[type(node.op)](), node)


def _twin(node: ast.AST, parent: ast.AST) -> Edits:
    called = node.func if isinstance(node, ast.Call) else None
    if isinstance(called, ast.Name) and called.id in _TWINS:
        yield Edit(called, "id", _TWINS[called.id], node)
    if isinstance(called, ast.Attribute) and called.attr in _TWINS:
        yield Edit(called, "attr", _TWINS[called.attr], node)


def _left_out(node: ast.AST, parent: ast.AST) -> Edits:
    for name in ("body", "orelse", "finalbody"):
        body: Any = getattr(node, name, None)
        for index, statement in enumerate(body if isinstance(body, list) else ()):
            if _can_go(statement, isinstance(node, ast.FunctionDef) and index == len(body) - 1):
                rest = [*body[:index], ast.copy_location(ast.Pass(), statement), *body[index + 1 :]]
                words = f"`{ast.unparse(statement)}` is left out"
                yield Edit(node, name, rest, statement, words)


def _early_return(node: ast.AST, parent: ast.AST) -> Edits:
    if isinstance(node, ast.FunctionDef) and node.name != "__init__":
        documented = ast.get_docstring(node, clean=False) is not None
        if len(node.body) - documented > 1:
            ends = ast.copy_location(ast.Return(None), node.body[documented])
            yield Edit(node, "body", [ends, *node.body], node, f"{node.name} returns at once")


def _default(node: ast.AST, parent: ast.AST) -> Edits:
    if not isinstance(node, ast.arguments):
        return
    positional = [*node.posonlyargs, *node.args]
    named = positional[len(positional) - len(node.defaults) :]
    for name, arguments in (("defaults", named), ("kw_defaults", node.kwonlyargs)):
        defaults = getattr(node, name)
        for index, (argument, default) in enumerate(zip(arguments, defaults, strict=True)):
            if argument.arg != "logs" and (other := _other(default)) is not None:
                swapped = [*defaults[:index], other, *defaults[index + 1 :]]
                was, now = (f"{argument.arg}={ast.unparse(d)}" for d in (default, other))
                yield Edit(node, name, swapped, default, f"default `{was}` becomes `{now}`")


def _other(default: ast.AST | None) -> ast.expr | None:
    if not isinstance(default, ast.Constant):
        return None
    value = default.value
    if isinstance(value, bool):
        other: Any = not value
    elif isinstance(value, int | float):
        other = value + 1
    elif isinstance(value, str) or value is None:
        other = f"not {value}" if value else 0
    else:
        return None
    return ast.copy_location(ast.Constant(other), default)


def _around(node: ast.AST, parent: ast.AST) -> ast.AST:
    """What is shown of a changed constant: it says little alone."""
    statements = ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return | ast.keyword
    expression = isinstance(parent, ast.expr) and not isinstance(parent, ast.FormattedValue)
    return parent if expression or isinstance(parent, statements) else node


def _can_go(statement: ast.AST, last: bool) -> bool:
    if isinstance(statement, ast.Expr):
        # A docstring; and what a plain callback's constructor sets, fit sets again.
        return not (isinstance(statement.value, ast.Constant) or _is_plain_super(statement))
    if isinstance(statement, ast.Return):
        nothing = statement.value is None or ast.unparse(statement.value) == "None"
        return not (last and nothing)
    if isinstance(statement, ast.Assign) and _is_spare_dict(statement):
        return False
    if isinstance(statement, ast.AnnAssign):
        return statement.value is not None
    kinds = ast.Assign | ast.AugAssign | ast.Raise | ast.Continue | ast.Break | ast.Delete
    return isinstance(statement, kinds)


def _is_spare_dict(node: ast.AST) -> bool:
    """Whether it is ``logs = logs or {}``."""
    return isinstance(node, ast.Assign) and ast.unparse(node) == "logs = logs or {}"


def _is_plain_super(node: ast.AST) -> bool:
    """Whether it is ``super().__init__()``, in either spelling, with no settings to hand on."""
    text = ast.unparse(node)
    return text.startswith("super(") and text.endswith(").__init__()")


def _is_text(node: Any) -> bool:
    return isinstance(node, ast.JoinedStr) or isinstance(getattr(node, "value", None), str)


OPERATORS = (
    Operator("boundary", _boundary, "write a case in which both sides are equal"),
    Operator("comparison", _opposite, "write a case in which its answer decides something"),
    Operator("negation", _negated, "write a case in which its answer decides something"),
    Operator("and/or", _and_or, "write a case in which one side is true and the other is not"),
    Operator("flag", _flipped, "write a case in which this flag decides something"),
    Operator("constant", _off_by_one, "write a case in which a count one higher or lower shows"),
    Operator("arithmetic", _arithmetic, "write a case that expects the number that comes of it"),
    Operator("twin", _twin, "write a case in which the two give different answers"),
    Operator("left out", _left_out, "write a case that ends differently without this line"),
    Operator("early return", _early_return, "write a case that expects what this method does"),
    Operator("default", _default, "write a case that leaves this argument out"),
)
"""Every kind of fault; a new one is an item more."""
