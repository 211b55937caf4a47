"""What is public: the names of docs/api.md and its pages, in the modules beside the rooms."""

import re
import subprocess
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest
from _pytest.fixtures import FixtureFunctionDefinition
from yaml import safe_load

import dryfit.plugin

ROOT = Path(__file__).parents[2]
PAGE = "\n".join(
    page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("api*.md"))
)
MODULES = re.findall(r"^\| `(\w+(?:\.\w+)*)` \|", PAGE, re.M)
FIXTURES = "dryfit.plugin"
IMPORT = re.compile(r"^ *from (dryfit\S*) import (?:\(([^)]*)\)|(.*))$", re.M)
SHOWN = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def documented() -> list[str]:
    """The names that the page has a description of; a module stands for the names it lists."""
    found = []
    for target, options in re.findall(r"^::: (\S+)\n((?:    .*\n|\n(?=    ))*)", PAGE, re.M):
        given = safe_load(options or "{}").get("options", {})
        if target in MODULES:
            members = given.get("members") or import_module(target).__all__
            found += [f"{target}.{name}" for name in members]
        else:
            found.append(target)
    return found


def fixtures() -> list[str]:
    """The fixtures of the plugin."""
    return [
        f"{FIXTURES}.{name}"
        for name, value in vars(dryfit.plugin).items()
        if isinstance(value, FixtureFunctionDefinition)
    ]


def imports(text: str) -> list[tuple[str, str]]:
    """What a text imports of ours: modules, and names of them."""
    return [
        (module, name.split(" as ")[0].strip())
        for module, many, few in IMPORT.findall(text)
        for name in (many or few.partition("#")[0]).split(",")
        if name.strip()
    ]


def test_public_are_the_packages_and_the_modules_beside_the_rooms() -> None:
    """The table of the page has each of them, but the plugin, whose fixtures it has."""
    beside = {f"dryfit.{file.stem}" for file in (ROOT / "harness" / "dryfit").glob("[!_]*.py")}
    assert sorted(MODULES) == sorted({"dryfit", "dryfit_fakes", *beside} - {FIXTURES})


def test_the_page_has_every_public_name_once_and_no_other() -> None:
    """Those of the modules' `__all__`, and the fixtures."""
    public = [f"{module}.{name}" for module in MODULES for name in import_module(module).__all__]
    assert Counter(documented()) == Counter([*public, *fixtures()])


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_what_it_names_in_order(module: str) -> None:
    """`__all__` is alphabetical, and each of its names is there, in `dir()` too."""
    door = import_module(module)
    assert door.__all__ == sorted(door.__all__)
    assert [name for name in door.__all__ if not hasattr(door, name)] == []
    assert set(door.__all__) <= set(dir(door))


@pytest.mark.parametrize("module", MODULES)
def test_a_name_that_is_not_there_is_refused(module: str) -> None:
    """As Python does it, with the module's name."""
    with pytest.raises(AttributeError, match=f"^module '{module}' has no attribute 'Gone'"):
        _ = import_module(module).Gone


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.stem)
def test_the_pages_import_public_names(page: Path) -> None:
    """A reader copies nothing that may move."""
    public = {(module, name) for module in MODULES for name in import_module(module).__all__}
    assert set(imports(page.read_text(encoding="utf-8"))) - public == set()


def test_an_import_of_what_is_not_public_is_noticed() -> None:
    """In one line or in brackets, with another name or a comment."""
    text = (
        "from dryfit.run.run import Run\n"
        "    from dryfit import (\n    play,\n    gone as here,\n)\n"
        "from dryfit_fakes import StopAt, Gone  # a comment\nimport keras\n"
    )
    assert imports(text) == [
        ("dryfit.run.run", "Run"),
        ("dryfit", "play"),
        ("dryfit", "gone"),
        ("dryfit_fakes", "StopAt"),
        ("dryfit_fakes", "Gone"),
    ]


@pytest.mark.parametrize("module", ["dryfit", "dryfit_fakes", "dryfit.pytest", "dryfit.strategies"])
def test_importing_loads_neither_keras_nor_numpy(module: str) -> None:
    """Its names load on first use; listing them is no use."""
    code = f"""
import sys, {module}
dir({module})
print(sorted({{"keras", "numpy", "tensorflow", "hypothesis"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
