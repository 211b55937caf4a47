"""What of a callback a pack never sees: lines, branches, settings and decisions."""

import ast
import functools
import inspect
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dryfit.lanes.temporary import temporary_folder
from dryfit.tools.mutate.child import NoAnswerError, in_a_child
from dryfit.tools.mutate.class_source import ClassSource
from dryfit.tools.mutate.scenarios_and_tests import Pack, PackError

_LIMIT_S = 1800.0
_RESTORES = ("set_weights", "load_weights")
_SAVES = ("save", "save_weights", "save_model")


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a pack never sees of a callback.

    Attributes:
        lines: never reached, as ``(file, line, text)``.
        branches: from a line that is reached to one that never comes after it; the
            method's end is ``None``.
        settings: arguments of the constructor that always have one value, with it.
        decisions: what the source can do and no case has it do, with the line.
    """

    lines: tuple[tuple[str, int, str], ...]
    branches: tuple[tuple[str, int, int | None], ...]
    settings: dict[str, str]
    decisions: tuple[tuple[str, str, int], ...]


def unseen(kind: type, mine: Sequence[ClassSource], pack: Pack) -> Unseen:
    """Play the pack and see what it never comes to.

    Raises:
        ImportError: coverage.py is not installed.
        PackError: the pack cannot be played.
    """
    if find_spec("coverage") is None:
        raise ImportError(
            "--coverage needs coverage.py; install the extra: pip install 'dryfit[coverage]'"
        )

    def job() -> tuple[dict[str, Any], dict[str, list[str]]]:
        import coverage  # in the child alone: it cannot be imported twice in one process

        files = sorted({str(source.file) for source in mine})
        measured = coverage.Coverage(
            data_file=None, config_file=False, branch=True, include=files, messages=False
        )
        given: dict[str, list[str]] = {}
        with _settings_noted(kind, given):
            measured.start()
            try:
                pack.play(lambda case: True)
            finally:
                measured.stop()
        with temporary_folder() as folder:
            report = Path(folder, "coverage.json")
            measured.json_report(outfile=str(report))
            return json.loads(report.read_text(encoding="utf-8"))["files"], given

    try:
        files, given = in_a_child(job, _LIMIT_S)
    except NoAnswerError as error:
        raise PackError(f"the pack cannot be played: {error}") from None
    found = {Path(name).resolve(): told for name, told in files.items()}
    lines, branches, decisions = [], [], []
    for source in mine:
        told = found.get(source.file.resolve(), {"missing_lines": [], "missing_branches": []})
        inside = set(_statement_lines(source))
        missing = [line for line in told["missing_lines"] if line in inside]
        name = str(source.file)
        lines += [(name, line, source.lines[line - 1].strip()) for line in missing]
        branches += [
            (name, here, there if there > 0 else None)
            for here, there in told["missing_branches"]
            if here in inside and here not in missing
        ]
        decisions += [(what, name, line) for what, line in _never(source, missing)]
    settings = {name: values[0] for name, values in given.items() if len(set(values)) == 1}
    return Unseen(tuple(lines), tuple(branches), settings, tuple(decisions))


@contextmanager
def _settings_noted(kind: Any, given: dict[str, list[str]]) -> Iterator[None]:
    """Note every argument with which the class is made, its default where it is left out."""
    signature, original, own = inspect.signature(kind), kind.__init__, "__init__" in vars(kind)

    @functools.wraps(original)
    def noting(self: Any, *arguments: Any, **keywords: Any) -> None:
        original(self, *arguments, **keywords)  # refuses what cannot be bound
        if type(self) is kind:
            bound = signature.bind(*arguments, **keywords)
            bound.apply_defaults()
            for name, value in bound.arguments.items():
                given.setdefault(name, []).append(repr(value))

    kind.__init__ = noting
    try:
        yield
    finally:
        if own:
            kind.__init__ = original
        else:
            del kind.__init__


def _statement_lines(source: ClassSource) -> Iterator[int]:
    """The lines of what methods do: coverage began after the class was made."""
    for _, method in source.attributes():
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in (n for statement in method.body for n in ast.walk(statement)):
                if isinstance(node, ast.stmt):
                    yield node.lineno


def _never(source: ClassSource, missing: Sequence[int]) -> Iterator[tuple[str, int]]:
    """Decisions all of whose lines are never reached, with the first of them."""
    places: dict[str, list[int]] = {}
    for _, method in source.attributes():
        for statement in (n for n in ast.walk(method) if isinstance(n, ast.stmt)):
            if (what := _decision(statement)) is not None:
                places.setdefault(what, []).append(statement.lineno)
    for what, lines in places.items():
        if set(lines) <= set(missing):
            yield what, lines[0]


def _decision(statement: ast.stmt) -> str | None:
    """What a statement decides, in one word."""
    if isinstance(statement, ast.Raise):
        return "raises"
    if isinstance(statement, ast.Assign):
        return _assigned(statement.targets[0])
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return None
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name == "assign" and "learning_rate" in ast.unparse(call.func):
        return "changes the learning rate"
    kinds = dict.fromkeys(_RESTORES, "restores weights") | dict.fromkeys(_SAVES, "saves")
    return (kinds | {"warn": "warns"}).get(name)


def _assigned(target: ast.expr) -> str | None:
    if isinstance(target, ast.Attribute):
        kinds = {"stop_training": "stops", "learning_rate": "changes the learning rate"}
        return kinds.get(target.attr)
    if isinstance(target, ast.Subscript) and ast.unparse(target.value) == "logs":
        return "writes into the logs"
    return None
