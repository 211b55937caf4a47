"""How sharply the scenario pack pins Keras: single faults, and whether the pack notices.

Each fault changes one place of one of Keras' callbacks, in memory: a comparison
turned, a constant off by one, a statement left out, a flag flipped. A fault is
noticed when any scenario of the pack no longer holds in the fake lane.
`make adequacy` runs this; it is no part of the tests.
"""

import ast
import copy
import inspect
import io
import multiprocessing
import sys
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACK = Path(__file__).parent.parent.parent / "scenarios"
REASONS = Path(__file__).parent / "survivors.txt"
MODULES = {
    "early_stopping": "EarlyStopping",
    "reduce_lr_on_plateau": "ReduceLROnPlateau",
    "learning_rate_scheduler": "LearningRateScheduler",
    "terminate_on_nan": "TerminateOnNaN",
    "monitor_callback": "MonitorCallback",
    "model_checkpoint": "ModelCheckpoint",
}
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclass(frozen=True)
class Fault:
    """One changed place.

    Attributes:
        number: which change of the class, in the order of `changes`.
        text: line, kind of change, and the source it changes.
    """

    module: str
    number: int
    text: str


def changes(tree: ast.AST) -> Iterator[tuple[str, ast.AST, Any]]:
    """Every place of a class that can be changed: what, the node, and how."""
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        for node in ast.walk(function):
            yield from _of_node(node)
        for owner in ast.walk(function):
            for name in ("body", "orelse"):
                yield from _left_out(getattr(owner, name, None))


def _of_node(node: ast.AST) -> Iterator[tuple[str, ast.AST, Any]]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _TURNED:
        yield "turned", node, lambda n: n.ops.__setitem__(0, _TURNED[type(n.ops[0])]())
    if isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield "and/or", node, lambda n: setattr(n, "op", other())
    if isinstance(node, ast.If):
        yield "negated", node, lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "flipped", node, lambda n: setattr(n, "value", not n.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield "one more", node, lambda n: setattr(n, "value", n.value + 1)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        swapped = ast.Sub if isinstance(node.op, ast.Add) else ast.Add
        yield "+/-", node, lambda n: setattr(n, "op", swapped())


def _left_out(body: Any) -> Iterator[tuple[str, ast.AST, Any]]:
    kinds = ast.Expr | ast.Assign | ast.AugAssign | ast.Return | ast.Raise
    for statement in body if isinstance(body, list) else ():
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if isinstance(statement, kinds) and not docstring:
            yield "left out", statement, _leave_out


def _leave_out(statement: Any) -> None:
    statement.__class__ = ast.Pass
    statement._fields = ()


def faults(module: str) -> list[Fault]:
    """List every fault of a module's class."""
    source, tree = _class_tree(module)
    lines = source.splitlines()
    return [
        Fault(module, number, f"{node.lineno}: {kind}: {lines[node.lineno - 1].strip()}")  # type: ignore[attr-defined]
        for number, (kind, node, _) in enumerate(changes(tree))
    ]


def _class_tree(module: str) -> tuple[str, ast.Module]:
    found = sys.modules[f"keras.src.callbacks.{module}"]
    source = inspect.getsource(found)
    return source, ast.parse(source)


@contextmanager
def put_in(fault: Fault) -> Iterator[None]:
    """Put a fault into Keras' class, and take it out again."""
    name = f"keras.src.callbacks.{fault.module}"
    original = getattr(sys.modules[name], MODULES[fault.module])
    _, tree = _class_tree(fault.module)
    tree = copy.deepcopy(tree)
    _, node, change = list(changes(tree))[fault.number]
    change(node)
    namespace = dict(vars(sys.modules[name]))
    exec(compile(ast.fix_missing_locations(tree), name, "exec"), namespace)
    changed = namespace[MODULES[fault.module]]
    before = dict(vars(original))
    for attribute, value in vars(changed).items():
        if isinstance(value, types.FunctionType):
            setattr(original, attribute, _with_class(value, original))
    try:
        yield
    finally:
        for attribute, value in before.items():
            if isinstance(value, types.FunctionType):
                setattr(original, attribute, value)


def _with_class(function: types.FunctionType, owner: type) -> types.FunctionType:
    """A method whose `super()` is that of the class it is put into."""
    names = function.__code__.co_freevars
    cells = tuple(
        types.CellType(owner) if name == "__class__" else cell
        for name, cell in zip(names, function.__closure__ or (), strict=True)
    )
    made = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, cells
    )
    made.__kwdefaults__ = function.__kwdefaults__
    return made


def noticed_by(fault: Fault) -> str | None:
    """The first scenario that does not hold with a fault in Keras."""
    from dryfit.verdict import judge

    quiet = (redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()))
    with put_in(fault), quiet[0], quiet[1], warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for scenario in _scenarios(fault.module):
            try:
                if not judge(scenario, "fake").holds:
                    return scenario.name
            except Exception as error:
                return f"{scenario.name}: {type(error).__name__}"
    return None


_LOADED: list[Any] = []


def _scenarios(module: str) -> list[Any]:
    """The pack, the likely subject first."""
    if not _LOADED:
        from dryfit import load_scenarios

        for file in sorted(PACK.rglob("*.scenario.yaml")):
            _LOADED.extend(load_scenarios(file))
    likely = {
        "early_stopping": "early_stopping",
        "monitor_callback": "early_stopping",
        "reduce_lr_on_plateau": "reduce_lr",
        "learning_rate_scheduler": "scheduler",
        "terminate_on_nan": "nan",
        "model_checkpoint": "checkpoint",
    }[module]
    return sorted(_LOADED, key=lambda s: s.file.parent.name != likely)


def _measured(fault: Fault) -> tuple[Fault, str | None]:
    return fault, noticed_by(fault)


def main() -> int:
    """Print what the pack notices, and every survivor with its reason; 1 if one has none."""
    import keras  # noqa: F401

    todo = [fault for module in MODULES for fault in faults(module)]
    with multiprocessing.get_context("spawn").Pool(2, initializer=_begin) as pool:
        results = pool.map(_measured, todo, chunksize=4)
    reasons = dict(_reasons())
    unexplained = 0
    for module in MODULES:
        mine = [(fault, name) for fault, name in results if fault.module == module]
        survivors = [fault for fault, name in mine if name is None]
        real = [
            f for f in survivors if not reasons.get(f"{module}:{f.text}", "").startswith("same")
        ]
        counted = len(mine) - (len(survivors) - len(real))
        share = (counted - len(real)) / counted
        print(f"{MODULES[module]}: {counted - len(real)} of {counted} noticed, {share:.1%}")
        for fault in survivors:
            reason = reasons.get(f"{module}:{fault.text}")
            unexplained += reason is None
            print(f"    {fault.text}  [{reason or 'UNEXPLAINED'}]")
    missed = [f for f, name in results if name is None]
    same = [f for f in missed if reasons.get(f"{f.module}:{f.text}", "").startswith("same")]
    counted, noticed = len(results) - len(same), len(results) - len(missed)
    print(f"all: {noticed} of {counted} noticed, {noticed / counted:.1%}; ", end="")
    print(f"{len(same)} change nothing, {unexplained} unexplained")
    return int(unexplained > 0)


def _begin() -> None:
    import keras  # noqa: F401


def _reasons() -> Iterator[tuple[str, str]]:
    """Survivors and why: `module:line: kind: source` and the reason behind ` # `."""
    if REASONS.exists():
        for line in REASONS.read_text().splitlines():
            fault, _, reason = line.rpartition(" ## ")
            if fault:
                yield fault, reason


if __name__ == "__main__":
    sys.exit(main())
