"""Which of a project's own modules are imported."""

import os
import sys
from pathlib import Path

import pytest

from dryfit.tools.watch.needs import modules_seen, own_file


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "watched_a.py").write_text("import watched_b, colorsys")
    (tmp_path / "watched_b.py").write_text("value = 1")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_what_a_module_imports_is_seen_as_well(project: Path) -> None:
    """Their files, and none of what is installed."""
    with modules_seen() as seen:
        import watched_a  # noqa: F401
    assert seen == {str(project / "watched_a.py"), str(project / "watched_b.py")}


def test_they_are_imported_anew(project: Path) -> None:
    """Each time, and each time they are seen."""
    for _ in range(2):
        with modules_seen() as seen:
            import watched_b  # noqa: F401
        assert (seen, "watched_b" in sys.modules) == ({str(project / "watched_b.py")}, False)


def test_a_module_that_fails_is_seen(project: Path) -> None:
    """It has to be watched until it is mended."""
    (project / "watched_b.py").write_text("value = ")
    with modules_seen() as seen, pytest.raises(SyntaxError):
        import watched_a  # noqa: F401
    assert seen == {str(project / "watched_a.py"), str(project / "watched_b.py")}


@pytest.mark.parametrize("folder", ["project", "etc"])
def test_a_project_may_lie_below_python(folder: str) -> None:
    """As in a container whose virtual environment holds all there is."""
    file = os.path.join(os.path.realpath(sys.prefix), folder, "mine.py")
    assert own_file("mine", file) == file


@pytest.mark.parametrize("folder", [".local/lib/python3.11/site-packages", "dist-packages"])
def test_what_is_installed_elsewhere_is_not_ones_own(folder: str, tmp_path: Path) -> None:
    """A user's packages, and Debian's."""
    assert own_file("theirs", str(tmp_path / folder / "theirs.py")) == ""
