"""What docs/architecture.md names is there."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PLAIN = r"[\w.]+(?:/[\w.]+)*"


def in_prose(text: str) -> list[str]:
    """What stands in code and has a slash, or is a file at the top."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    return [
        path
        for path in re.findall(rf"`({PLAIN}/?)`", prose)
        if "/" in path or re.fullmatch(r"Makefile|\w+\.(?:md|toml|py)", path)
    ]


def in_the_tree(text: str) -> list[str]:
    """The first words of the block that shows the folders; what is indented lies in the last."""
    found, folder = [], ""
    for line in re.findall(r"^```text\n(.*?)^```", text, re.S | re.M)[0].splitlines():
        name = line.split()[0]
        folder = folder if line.startswith(" ") else name
        found.append(folder + name if line.startswith(" ") else name)
    return found


def test_every_path_is_there() -> None:
    """Folders with their slash, files without."""
    named = {*in_prose(PAGE), *in_the_tree(PAGE)}
    assert [
        path
        for path in sorted(named)
        if not ((ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file())
    ] == []


def test_the_rooms_are_those_of_the_contracts() -> None:
    """All of them, in the order in which import-linter holds them, from the run to the doors."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    held = [name.strip(" ()") for layer in reversed(layers) for name in layer.split("|")]
    house = "harness/dryfit/"
    told = [path.removeprefix(house) for path in in_the_tree(PAGE) if path.startswith(house)]
    assert [name.removesuffix("/").removesuffix(".py") for name in told if name] == held


def test_paths_are_found_where_they_are_named() -> None:
    """In prose and in the tree; not in other code."""
    text = (
        "`a/b.py`, `a/`, `Makefile`, `play`, `x/y z`\n"
        "```text\na/  one\n  b/  two\nc.py  three\n```\n"
        "```python\n`d/e.py`\n```\n"
    )
    assert in_prose(text) == ["a/b.py", "a/", "Makefile"]
    assert in_the_tree(text) == ["a/", "a/b/", "c.py"]
