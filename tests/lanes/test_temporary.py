"""Folders of processes that have ended are cleared by whoever is left."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dryfit.lanes.temporary import clear_behind, temporary_folder

# No file may have a byte, as on a disk that is full: no folder is a temporary one then.
FULL = (
    "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); "
    "from dryfit.cli import main; sys.exit(main())"
)


def test_what_a_process_left_is_cleared_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders are known by the number of who made them."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with temporary_folder() as own:
        left = tmp_path / own.name.replace(str(os.getpid()), "1")
        left.mkdir()
        clear_behind(1)
        assert list(tmp_path.iterdir()) == [own]


def test_without_a_temporary_folder_there_is_nothing_to_clear(tmp_path: Path) -> None:
    """The command has said so in a line, and its parent adds none."""
    (tmp_path / "a.scenario.yaml").write_text(
        "name: a\nscript: {metrics: {loss: 1x2}}\nexpect: {epochs_run: 2}\n"
    )
    words = [sys.executable, "-c", FULL, "run", "a.scenario.yaml"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("dryfit run: No usable temporary directory found in [")
    assert done.stderr.endswith("; name a folder that can be written to with TMPDIR\n")
    assert done.stderr.count("\n") == 1
