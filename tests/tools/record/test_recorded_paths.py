"""Paths of a training's callbacks stay as they were written where a replay can have them."""

from pathlib import Path

import pytest

from dryfit.tools.record.recorded_paths import RecordedPaths, folder_of, replayed_path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with one folder in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("given", "makes", "written", "file", "replayed"),
    [
        ("a.h5", False, "a.h5", "a.h5", "a.h5"),
        ("./", False, "./", "./model.keras", "./model.keras"),
        ("out/{epoch:02d}.h5", True, "out/{epoch:02d}.h5", "out/01.h5", "out/01.h5"),
        (
            "{epoch}-{train/loss:.1f}.h5",
            True,
            "{epoch}-{train/loss:.1f}.h5",
            "1-3.0.h5",
            "1-3.0.h5",
        ),
        ("new/a.csv", False, "new/a.csv", "new/a.csv", "new/a.csv"),
        ("there/a.csv", False, "a.csv", "there/a.csv", "a.csv"),
        ("there/a.h5", True, "there/a.h5", "there/a.h5", "there/a.h5"),
        ("there", False, ".", "there/m.keras", "./m.keras"),
        ("there/", False, "./", "there/m.keras", "./m.keras"),
        ("../x/y.h5", True, "y.h5", "../x/y.h5", "y.h5"),
        ("{here}/b/{epoch}/x.h5", True, "{epoch}/x.h5", "{here}/b/1/x.h5", "1/x.h5"),
        ("{here}/b", True, "b", "{here}/b/latest.h5", "b/latest.h5"),
        ("{here}/b", True, "b", "b/latest.h5", "b/latest.h5"),
        ("a{{b}}/{epoch}.h5", True, "a{{b}}/{epoch}.h5", "a{b}/1.h5", "a{b}/1.h5"),
    ],
)
def test_a_path(
    here: Path, given: str, makes: bool, written: str, file: str, replayed: str
) -> None:
    """As a file has it, and what becomes of a file that was written there."""
    given, file = (text.replace("{here}", str(here)) for text in (given, file))
    assert RecordedPaths().written(given, makes) == written
    assert replayed_path(file, given, written) == replayed


def test_two_paths_of_one_name(here: Path) -> None:
    """Each has a name of its own, and the same path the same."""
    paths = RecordedPaths()
    given = [f"{here}/a/x.h5", f"{here}/b/x.h5", f"{here}/a/x.h5", f"{here}/c/x.h5"]
    assert [paths.written(path, True) for path in given] == ["x.h5", "2-x.h5", "x.h5", "3-x.h5"]


def test_a_file_that_no_setting_says(here: Path) -> None:
    """It is somewhere else."""
    assert replayed_path("/elsewhere/y.h5", f"{here}/a/x.h5", "x.h5") is None
    assert replayed_path("/elsewhere/y.h5", "x.h5", "x.h5") is None


def test_the_folders_of_a_path_end_at_a_field() -> None:
    """A separator in a field's name is none."""
    assert folder_of("a/{epoch}/b/{x/y}.h5") == "a/"
    assert folder_of("{x/y}/b") == ""
