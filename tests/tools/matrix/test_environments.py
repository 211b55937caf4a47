"""Environments are made whole or not at all, and are kept."""

import shutil
import zipfile
from pathlib import Path

import pytest
from stand_in import StandIn

from dryfit.tools.matrix import wheel
from dryfit.tools.matrix.cells import Cell
from dryfit.tools.matrix.environments import Environment, Environments
from dryfit.tools.matrix.processes import InterruptedRunError, ProcessError

CELL = Cell("3.9")


@pytest.fixture
def uv() -> StandIn:
    return StandIn({"3.9.2": []})


def environment(cache: Path, uv: StandIn, *projects: str, anew: bool = False) -> Environment:
    return Environments(cache, uv, projects, uv="uv").ready(CELL, anew=anew)  # type: ignore[arg-type]


def test_an_environment_is_made_once(tmp_path: Path, uv: StandIn) -> None:
    """The second time it is there."""
    first, second = environment(tmp_path, uv), environment(tmp_path, uv)
    assert (first.made, second.made) == (True, False)
    assert (first.id, first.python) == (second.id, second.python)
    assert uv.installed == ["3.9.2"]


def test_it_can_be_made_anew(tmp_path: Path, uv: StandIn) -> None:
    """It has another id then, and what was kept of the old one does not count."""
    assert environment(tmp_path, uv).id != environment(tmp_path, uv, anew=True).id


def test_one_that_lost_a_file_is_made_again(tmp_path: Path, uv: StandIn) -> None:
    """Whatever the file was."""
    python = environment(tmp_path, uv).python
    (python.parent.parent / "release").unlink()
    assert environment(tmp_path, uv).made
    assert (python.parent.parent / "release").exists()


def test_what_python_adds_is_no_change(tmp_path: Path, uv: StandIn) -> None:
    """Compiled modules come with the first import."""
    python = environment(tmp_path, uv).python
    cached = python.parent.parent / "__pycache__"
    cached.mkdir()
    (cached / "a.pyc").touch()
    assert not environment(tmp_path, uv).made


def test_one_for_another_dryfit_is_made_again(
    tmp_path: Path, uv: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the dryfit that was running then."""
    environment(tmp_path, uv)
    monkeypatch.setattr(wheel, "digest", lambda _: "another")
    assert environment(tmp_path, uv).made


def test_one_that_is_broken_off_leaves_nothing(
    tmp_path: Path, uv: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place is empty, and the next call fills it."""
    whole = uv._install

    def broken_off(command: list[str]) -> None:
        whole(command)
        raise InterruptedRunError

    monkeypatch.setattr(uv, "_install", broken_off)
    with pytest.raises(InterruptedRunError):
        environment(tmp_path, uv)
    assert list((tmp_path / "environments").iterdir()) == []
    monkeypatch.setattr(uv, "_install", whole)
    assert environment(tmp_path, uv).made


def test_what_cannot_be_installed_says_why(tmp_path: Path, uv: StandIn) -> None:
    """In uv's words, on one line."""
    made = Environments(tmp_path, uv, (), uv="uv")  # type: ignore[arg-type]
    with pytest.raises(ProcessError) as raised:
        made.ready(Cell("3.99"))
    assert str(raised.value) == "No solution found: no 3.99"


def test_a_project_is_installed_as_it_stands(tmp_path: Path, uv: StandIn) -> None:
    """A folder is installed so that it stays up to date, the rest as uv knows it."""
    project = tmp_path / "project"
    project.mkdir()
    environment(tmp_path, uv, str(project), "optuna>=4")
    assert uv.words[-3:] == ["--editable", str(project), "optuna>=4"]


def test_projects_have_environments_of_their_own(tmp_path: Path, uv: StandIn) -> None:
    """So that two projects do not take each other's away."""
    environment(tmp_path, uv)
    assert environment(tmp_path, uv, "optuna>=4").made
    assert not environment(tmp_path, uv).made


def test_the_wheel_has_what_runs_here(tmp_path: Path) -> None:
    """Both packages with their templates, and the metadata that says what they need."""
    file = wheel.write(wheel.content(), tmp_path)
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        about = next(name for name in names if name.endswith("/METADATA"))
        assert "Requires-Dist: keras" in archive.read(about).decode()
    assert {"dryfit/cli/matrix_command.py", "dryfit_fakes/model.py", "dryfit/py.typed"} <= names
    assert "dryfit/tools/matrix/templates/page.html" in names
    assert not any("__pycache__" in name for name in names)


def test_the_same_content_is_the_same_wheel(tmp_path: Path) -> None:
    """Whenever it is written."""
    files = wheel.content()
    first = wheel.write(files, tmp_path).read_bytes()
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    assert wheel.write(files, tmp_path).read_bytes() == first
