"""What a callback's code asks for that a replay does not have.

A replay has a scripted model: a rate, weights that say whose they are, and no layers. It
has no files from before, and its own time. Where code asks for more, its decisions cannot
be expected again.
"""

import ast
import builtins
import datetime
import os
import random
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from dryfit.tools.record.own_sources import OwnFunction, function_source, methods
from dryfit_fakes.model import FakeModel
from dryfit_fakes.optimizer import ScriptedOptimizer
from dryfit_fakes.protocols import Callback
from dryfit_fakes.releases import RATE_IS_LR_TOO

_MODEL = frozenset(name for name in dir(FakeModel) if not name.startswith("_"))
_UNSCRIPTED = {"evaluate", "predict", "fit", "metrics"}  # of which a script says nothing
_OFFERED = {
    "model": _MODEL - _UNSCRIPTED
    | {"stop_training", "stop_evaluating", "stop_predicting", "history"},
    "optimizer": frozenset(name for name in dir(ScriptedOptimizer) if not name.startswith("_")),
}
_CLOCKS = [
    *(
        getattr(time, n)
        for n in dir(time)
        if n.startswith(("time", "monotonic", "perf", "process"))
    ),
    *(time.localtime, time.gmtime, time.strftime, time.ctime),
    *(datetime.datetime.now, datetime.datetime.utcnow, datetime.datetime.today),
    datetime.date.today,
]
_OUTSIDE = {
    "requests", "urllib", "urllib3", "http", "httpx", "aiohttp", "smtplib", "socket", "subprocess",
    "wandb", "mlflow", "neptune", "comet_ml", "boto3", "slack_sdk", "telegram",
}  # fmt: skip
_READS = {"read_text", "read_bytes", "read_csv", "read_json", "read_parquet", "load_model"}
_LOOKS = {"exists", "is_file", "is_dir", "isfile", "isdir", "listdir", "iterdir", "glob", "rglob"}
_MAKES = {"mkdir", "makedirs", "remove", "unlink", "rmtree"}
_DEPTH = 4


def what_it_needs(callback: Callback) -> str | None:
    """Say what a callback's own code asks for that no replay has; ``None`` for nothing.

    Functions among its settings are its code too. Keras' callbacks and ours ask for nothing.
    """
    own = methods(type(callback))
    reading = _Reading(own)
    for name, function in own.items():
        reading.read(function, {"model": "model"} if name == "set_model" else {})
    for setting in getattr(callback, "__dict__", {}).values():
        if (source := function_source(setting)) is not None:
            reading.read(source, {})
    if "get_weights" in reading.used and "set_weights" not in reading.used:
        return "it looks into weights, whose numbers are nobody's"
    return next(iter(reading.needs), None)


class _Reading:
    """Reads functions, with what their names stand for.

    Attributes:
        needs: what was found, in order.
        used: what is used of the model.
    """

    def __init__(self, own: dict[str, OwnFunction]) -> None:
        self.needs: dict[str, None] = {}
        self.used: set[str] = set()
        self._own = own
        self._attributes = {"model": "model", "_model": "model"}  # of the callback
        self._written: set[str] = set()  # attributes that it puts on the model itself
        self._seen: set[tuple[int, str]] = set()
        nodes = [node for f in own.values() for node in ast.walk(f.tree)]
        self._makes = any(isinstance(n, ast.Attribute) and n.attr in _MAKES for n in nodes)
        self._find_aliases(own)

    def _find_aliases(self, own: dict[str, OwnFunction]) -> None:
        """Attributes in which a callback keeps its model or optimizer, or that it puts there."""
        for function in own.values():
            names = {"model": "model"} if "model" in function.parameters else {}
            for node in ast.walk(function.tree):
                if isinstance(node, ast.Assign) and (kind := self._kind(node.value, names)):
                    for target in node.targets:
                        if isinstance(target, ast.Attribute) and _is_self(target.value):
                            self._attributes.setdefault(target.attr, kind)
                elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                    on_model = self._kind(node.value, names) == "model"
                    self._written |= {node.attr} if on_model else set()

    def read(self, function: OwnFunction, names: dict[str, str], depth: int = 0) -> None:
        """Read a function, of whose names some stand for the model or its optimizer."""
        key = (id(function.tree), str(sorted(names.items())))
        if depth > _DEPTH or key in self._seen:
            return
        self._seen.add(key)
        names = dict(names)
        there = dict(function.names)
        for node in ast.walk(function.tree):
            _learn(node, there)
            if isinstance(node, ast.Assign | ast.NamedExpr) and (
                kind := self._kind(node.value, names)
            ):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names |= {t.id: kind for t in targets if isinstance(t, ast.Name)}
        for parent in ast.walk(function.tree):
            self._look(parent, there)
            for child in ast.iter_child_nodes(parent):
                if kind := self._kind(child, names):
                    self._use(kind, child, parent, names, there, depth)

    def _kind(self, node: ast.AST, names: dict[str, str]) -> str | None:
        """Whether an expression is the model or its optimizer."""
        if isinstance(node, ast.Name):
            return names.get(node.id)
        if not isinstance(node, ast.Attribute):
            return None
        if _is_self(node.value):
            return self._attributes.get(node.attr)
        if node.attr == "optimizer" and self._kind(node.value, names) == "model":
            return "optimizer"
        return None

    def _use(
        self,
        kind: str,
        node: ast.AST,
        parent: ast.AST,
        names: dict[str, str],
        there: dict[str, Any],
        depth: int,
    ) -> None:
        """Note what is done with the model or its optimizer."""
        if isinstance(getattr(node, "ctx", None), ast.Store):
            return
        if isinstance(parent, ast.Attribute):
            self._attribute(kind, parent.attr, isinstance(parent.ctx, ast.Load))
        elif isinstance(parent, ast.Call):
            self._call(kind, node, parent, names, there, depth)
        elif isinstance(parent, ast.keyword | ast.Return | ast.Starred | ast.Subscript):
            self._need(f"it hands its {kind} on")
        elif isinstance(parent, ast.Compare) and not _with_none(parent):
            self._need(f"it compares its {kind}")

    def _attribute(self, kind: str, name: str, loads: bool) -> None:
        self.used |= {name} if kind == "model" else set()
        known = name in _OFFERED[kind] or (kind == "model" and name in self._written)
        is_lr = (kind, name) == ("optimizer", "lr")
        if not RATE_IS_LR_TOO if is_lr else loads and not known:
            verb = "calls" if name in ("evaluate", "predict", "fit") else "uses"
            self._need(f"it {verb} {kind}.{name}, of which a script says nothing")

    def _call(
        self,
        kind: str,
        node: ast.AST,
        call: ast.Call,
        names: dict[str, str],
        there: dict[str, Any],
        depth: int,
    ) -> None:
        if node is call.func:
            self._need(f"it calls its {kind}")
            return
        name = call.func.attr if isinstance(call.func, ast.Attribute) else _name(call.func)
        if name in ("set_model", "bool", "print", "repr", "str"):
            return
        if name in ("getattr", "hasattr", "setattr") and len(call.args) > 1:
            asked = call.args[1]
            if isinstance(asked, ast.Constant) and name != "setattr":
                self._attribute(kind, str(asked.value), True)
            return
        followed = self._followed(call.func, there)
        if followed is None:
            asks = name in ("isinstance", "type", "issubclass")
            self._need(f"it asks what its {kind} is" if asks else f"it hands its {kind} to {name}")
            return
        function, skipped = followed
        given = zip(function.parameters[skipped:], call.args, strict=False)
        kinds = {p: k for p, a in given if (k := self._kind(a, names)) is not None}
        self.read(function, kinds, depth + 1)

    def _followed(self, called: ast.AST, there: dict[str, Any]) -> tuple[OwnFunction, int] | None:
        """A function of the callback's own code that is called, and how many arguments it has."""
        if isinstance(called, ast.Attribute) and _is_self(called.value):
            method = self._own.get(called.attr)
            return None if method is None else (method, 1)
        function = function_source(_resolved(called, there))
        return None if function is None else (function, 0)

    def _look(self, node: ast.AST, there: dict[str, Any]) -> None:
        """Note what is asked of the world: clocks, chance, files, other programs."""
        if isinstance(node, ast.Call):
            self._files(node, there)
        if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
            return
        found = _resolved(node, there)
        if found is None:
            return
        module = (getattr(found, "__module__", None) or "").partition(".")[0]
        if any(found is clock or found == clock for clock in _CLOCKS if type(found) is type(clock)):
            self._need(f"it looks at the clock ({ast.unparse(node)})")
        elif _is_chance(found):
            self._need(f"it draws at random ({ast.unparse(node)})")
        elif module in _OUTSIDE or (
            getattr(found, "__name__", "").partition(".")[0] in _OUTSIDE
            and isinstance(found, type(sys))
        ):
            self._need(f"it reaches outside ({ast.unparse(node)})")

    def _files(self, call: ast.Call, there: dict[str, Any]) -> None:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else _name(call.func)
        if name == "open" and _resolved(call.func, there) in (open, builtins.open, None):
            reads = not any(letter in _mode(call) for letter in "wax")
        else:
            of_numpy = _resolved(call.func, there) is np.load
            reads = name in _READS or of_numpy or (name in _LOOKS and not self._makes)
        if reads:
            self._need(f"it reads files ({ast.unparse(call.func)})")

    def _need(self, what: str) -> None:
        self.needs.setdefault(what)


def _learn(node: ast.AST, there: dict[str, Any]) -> None:
    """Modules that a function imports itself, as far as they are loaded."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            name = alias.name if alias.asname else alias.name.partition(".")[0]
            there[alias.asname or name] = sys.modules.get(name)
    elif isinstance(node, ast.ImportFrom):
        module = sys.modules.get(node.module or "")
        there.update({a.asname or a.name: getattr(module, a.name, None) for a in node.names})


def _resolved(node: ast.AST, there: dict[str, Any]) -> Any:
    """What a name of a module stands for; ``None`` for what is made when the code runs."""
    if isinstance(node, ast.Name):
        return there.get(node.id, getattr(builtins, node.id, None))
    if isinstance(node, ast.Attribute):
        owner = _resolved(node.value, there)
        plain = isinstance(owner, type(sys) | type)
        return getattr(owner, node.attr, None) if plain else None
    return None


def _is_chance(found: Any) -> bool:
    if isinstance(found, type(sys)):
        return False
    owner = getattr(found, "__self__", None)
    return (
        isinstance(owner, random.Random)
        or type(owner).__name__ == "RandomState"
        or found is os.urandom
    )


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ast.unparse(node)


def _with_none(node: ast.Compare) -> bool:
    return all(isinstance(op, ast.Is | ast.IsNot) for op in node.ops) and any(
        isinstance(part, ast.Constant) and part.value is None for part in _parts(node)
    )


def _parts(node: ast.Compare) -> Iterator[ast.AST]:
    yield node.left
    yield from node.comparators


def _mode(call: ast.Call) -> str:
    """The mode of a file that is opened; one that is not written here may write."""
    given = [k.value for k in call.keywords if k.arg == "mode"]
    position = 0 if isinstance(call.func, ast.Attribute) else 1
    given += call.args[position : position + 1]
    if not given:
        return "r"
    return str(given[0].value) if isinstance(given[0], ast.Constant) else "w"
