"""Whoever was started by a process that is ended is ended as well."""

import subprocess
from pathlib import Path

import pytest

from dryfit.lanes.process_tree import descendants, end_all


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no system tells of children")
def test_children_of_children_are_ended() -> None:
    """A shell's shell's command is found through both."""
    inner = "sleep 600 & echo began; wait"
    with subprocess.Popen(["sh", "-c", f"sh -c '{inner}' & wait"], stdout=subprocess.PIPE) as shell:
        assert shell.stdout is not None
        shell.stdout.readline()
        started = descendants(shell.pid)
        names = [Path(f"/proc/{one}/comm").read_text().strip() for one in started]
        end_all([shell.pid, *started])
        shell.stdout.read()  # until nobody has it open
    assert names == ["sh", "sleep"]
