"""A scenario's own modules come last, and none takes the place of another."""

import sys
from pathlib import Path

import freezegun
import pytest

from dryfit.scenario.construct import ConstructionError, import_name
from dryfit.scenario.own_modules import importable


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scenario's folder, beside the working directory."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "pack").mkdir()
    return tmp_path / "pack"


def test_a_module_beside_the_scenario_is_found_and_forgotten(folder: Path) -> None:
    """Another folder may have one of the same name."""
    other = folder.parent / "other"
    other.mkdir()
    (folder / "own_thing.py").write_text("THING = 1")
    (other / "own_thing.py").write_text("THING = 2")
    with importable(folder):
        assert import_name("own_thing:THING") == 1
    assert "own_thing" not in sys.modules
    with importable(other):
        assert import_name("own_thing:THING") == 2


def test_a_package_beside_the_scenario_is_forgotten_with_its_modules(folder: Path) -> None:
    """All of it."""
    package = folder / "own_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "deep.py").write_text("THING = 3")
    with importable(folder):
        assert import_name("own_package.deep:THING") == 3
    assert [name for name in sys.modules if name.startswith("own_package")] == []


def test_the_path_is_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the folder was on it already."""
    monkeypatch.syspath_prepend(str(folder))
    before = list(sys.path)
    with importable(folder):
        pass
    assert sys.path == before


@pytest.mark.parametrize("place", ["pack", "here"])
def test_a_module_does_not_take_the_place_of_a_library(folder: Path, place: str) -> None:
    """The error names both files, and neither is executed."""
    mine = folder.parent / place / "freezegun.py"
    mine.write_text("raise RuntimeError('executed')")
    with importable(folder), pytest.raises(ConstructionError) as refused:
        import_name("freezegun:freeze_time")
    assert str(refused.value) == (
        f"'freezegun:freeze_time': there are two modules 'freezegun': {mine} and "
        f"{freezegun.__file__}; give the scenario's own another name"
    )


def test_a_module_that_is_imported_from_elsewhere_is_not_taken_for_the_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a test of the same name is, under pytest."""
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "own_other.py").write_text("THING = 4")
    (folder / "own_other.py").write_text("THING = 5")
    with monkeypatch.context() as patched:
        patched.syspath_prepend(str(elsewhere))
        assert import_name("own_other:THING") == 4
    with importable(folder), pytest.raises(ConstructionError, match="two modules 'own_other'"):
        import_name("own_other:THING")
    del sys.modules["own_other"]


def test_a_library_that_a_module_beside_the_scenario_shadows_is_still_the_library(
    folder: Path,
) -> None:
    """What is imported without being named by the scenario comes from where it always does."""
    (folder / "colorsys.py").write_text("raise RuntimeError('executed')")
    (folder / "own_user.py").write_text("import colorsys\nTHING = colorsys.__file__")
    sys.modules.pop("colorsys", None)
    with importable(folder):
        assert not import_name("own_user:THING").startswith(str(folder))


def test_one_file_by_two_ways_is_one_module(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project that is installed in place is on the path already, and by a link."""
    (folder / "own_linked.py").write_text("THING = 6")
    link = folder.parent / "link"
    link.symlink_to(folder)
    monkeypatch.syspath_prepend(str(link))
    with importable(folder):
        assert import_name("own_linked:THING") == 6


def test_a_module_of_python_itself(folder: Path) -> None:
    """It has no file to be named."""
    (folder / "math.py").write_text("")
    with importable(folder), pytest.raises(ConstructionError, match="two modules 'math'"):
        import_name("math:floor")


@pytest.mark.parametrize(("file", "module"), [("my_stop.py", "my_stop"), ("my/stop.py", "my.stop")])
def test_a_file_is_told_as_its_module(file: str, module: str) -> None:
    """What is imported has no ending, and dots for folders."""
    with pytest.raises(ConstructionError, match=f"; did you mean '{module}:StopAfter'.$"):
        import_name(f"{file}:StopAfter")
