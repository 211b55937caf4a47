"""The tree of the sources: a name says one thing."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# What is handed on as it came, and where a class of anybody's may say what it takes.
ANYTHING = {
    "in_batches(x)",
    "Callback.set_model(model)",
    "ScenarioItem.__init__(kwargs)",
    *(
        f"Stored.{name}({part})"
        for name in ("save", "save_weights", "load_weights")
        for part in ("args", "kwargs")
    ),
}
# Python's and pytest's names for what a folder has.
OF_FOLDERS = {"__init__.py", "__main__.py", "conftest.py"}
DOORS = {"check", "demo", "events", "pytest", "recording", "strategies", "sweep"}


def _modules(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return [path for path in found if path.name not in OF_FOLDERS]


def _named_twice(names: list[tuple[str, Path]]) -> dict[str, list[str]]:
    places = defaultdict(list)
    for name, path in names:
        places[name].append(str(path.relative_to(ROOT)))
    return {name: where for name, where in places.items() if len(where) > 1}


def test_no_two_modules_have_one_name() -> None:
    """A file that is open in an editor is known by its name alone."""
    assert _named_twice([(path.stem, path) for path in _modules("harness", "fakes")]) == {}


def test_no_two_test_modules_have_one_name() -> None:
    """Pytest reports a test module by its path, people by its name."""
    assert _named_twice([(path.stem, path) for path in _modules("tests")]) == {}


def test_no_two_classes_have_one_name() -> None:
    """A class that others can import means one thing wherever it is read."""
    classes = [
        (node.name, path)
        for path in _modules("harness", "fakes")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert _named_twice(classes) == {}


def _taken(body: list[ast.stmt], owner: str = "") -> Iterator[tuple[str, ast.expr | None]]:
    """The parameters of what others can call, each with its type."""
    for node in body:
        name = getattr(node, "name", "")
        if name.startswith("_") and not name.endswith("__"):
            continue
        if isinstance(node, ast.ClassDef):
            yield from _taken(node.body, f"{name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = node.args
            rest = [one for one in (given.vararg, given.kwarg) if one is not None]
            for one in (*given.posonlyargs, *given.args, *given.kwonlyargs, *rest):
                yield f"{owner}{name}({one.arg})", one.annotation


def test_a_signature_says_what_it_takes() -> None:
    """Keras comes without types, so protocols say what is needed of its objects."""
    taken = [
        (name, annotation)
        for path in _modules("harness", "fakes")
        for name, annotation in _taken(ast.parse(path.read_text(encoding="utf-8")).body)
    ]
    anything = {name for name, a in taken if a is not None and ast.unparse(a) in ("Any", "'Any'")}
    assert anything == ANYTHING


@pytest.mark.parametrize("door", sorted(DOORS))
def test_a_door_only_hands_names_on(door: str) -> None:
    """What lies beside the rooms defines nothing but what fixtures look like to a type checker."""
    tree = ast.parse((ROOT / "harness" / "dryfit" / f"{door}.py").read_text(encoding="utf-8"))
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert [name for name in defined if not name.startswith("__")] == []


def test_beside_the_rooms_there_are_only_doors_and_the_plugin() -> None:
    """A newcomer finds the room from the list of folders."""
    beside = {path.stem for path in (ROOT / "harness" / "dryfit").glob("*.py")}
    assert beside == DOORS | {"__init__", "__main__", "plugin"}
