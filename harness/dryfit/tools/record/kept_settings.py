"""Whether a callback keeps a setting as it was given, or as something that is made of it."""

import ast

from dryfit.tools.record.own_sources import methods

# Given what comes out of them, they give the same again.
_IDEMPOTENT = frozenset(
    """abs array asarray abspath bool copy deepcopy dict expanduser float fspath int list lower
    max min Path set sorted str tuple upper""".split()
)


def keeps_it(kind: type, parameter: str, attribute: str) -> bool:
    """Whether a constructor of one's own keeps a parameter so that it can be given again.

    Args:
        kind: a callback's class; what Keras' and ours keep is known.
        parameter: of its constructor.
        attribute: under which it keeps it, or with a line before it.
    """
    constructor = methods(kind).get("__init__")
    if constructor is None or parameter not in constructor.parameters:
        return True
    for node in ast.walk(constructor.tree):
        if isinstance(node, ast.Assign):
            for target, value in _pairs(node):
                if _is_attribute(target, attribute) and not _is_same(value, parameter):
                    return False
    return True


def _pairs(node: ast.Assign) -> list[tuple[ast.AST, ast.AST]]:
    """What is assigned to what, also in ``self.a, self.b = a, b``."""
    pairs: list[tuple[ast.AST, ast.AST]] = []
    for target in node.targets:
        both = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
        if both and isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs += zip(target.elts, node.value.elts, strict=False)
        else:
            pairs.append((target, node.value))
    return pairs


def _is_attribute(target: ast.AST, name: str) -> bool:
    return isinstance(target, ast.Attribute) and target.attr in (name, f"_{name}")


def _is_same(value: ast.AST, parameter: str) -> bool:
    """Whether an expression is the parameter, or gives the same if it is given its own value."""
    if isinstance(value, ast.Name):
        return value.id == parameter
    if isinstance(value, ast.BoolOp):
        return any(_is_same(part, parameter) for part in value.values)
    if isinstance(value, ast.IfExp):
        return _is_same(value.body, parameter) or _is_same(value.orelse, parameter)
    if isinstance(value, ast.Call):
        name = value.func.attr if isinstance(value.func, ast.Attribute) else ""
        name = value.func.id if isinstance(value.func, ast.Name) else name
        of = [*value.args, *([value.func.value] if isinstance(value.func, ast.Attribute) else [])]
        return name in _IDEMPOTENT and any(_is_same(part, parameter) for part in of)
    return False
