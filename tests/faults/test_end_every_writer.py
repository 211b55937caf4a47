"""A short version of what `end_every_writer.py` tries by hand at every step."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ready_python import python

pytest.importorskip("resource", reason="limits are those of POSIX")
HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# What is written elsewhere, and why a half of it harms nobody.
ELSEWHERE = {
    "harness/dryfit/cli/usable_streams.py": "the null device",
    "harness/dryfit/lanes/own_process_server.py": "notes of a job, in a temporary folder",
    "harness/dryfit/tools/bench/loop.py": "the null device",
    "harness/dryfit/tools/check/finding.py": "a temporary folder",
    "harness/dryfit/tools/matrix/environments.py": "a folder that takes its place when it is whole",
    "harness/dryfit/tools/matrix/in_a_cell.py": "a temporary folder",
    "harness/dryfit/tools/matrix/wheel.py": "a folder that takes its place when it is whole",
    "harness/dryfit/tools/together/witness.py": "a temporary folder",
    "fakes/dryfit_fakes/keras2_files.py": "empty files beside weights, as TensorFlow writes them",
    "fakes/dryfit_fakes/stores.py": "a disk that fails, as a script says",
}


SCRIPT = str(HERE / "end_every_writer.py")


def found(ended: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The counts and the problems that it tells."""
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def test_every_file_is_whole_whatever_ends_the_one_who_writes_it() -> None:
    """A kill or an error before every thirteenth line, and files that may not be long."""
    told = found(python(SCRIPT, "--every", "13"))
    assert told["problems"] == []
    assert told["counts"]["kills"] >= 30
    assert told["counts"]["errors"] >= 30


@pytest.mark.skipif(
    subprocess.run(
        ["sh", "-c", "unshare -rm mount -t tmpfs none /mnt"], capture_output=True
    ).returncode
    != 0,
    reason="no disk can be mounted",
)
def test_every_file_is_whole_on_a_disk_that_is_full() -> None:
    """With room for a part of it, or none, on a real file system."""
    command = ["unshare", "-rm", sys.executable, SCRIPT, "--small-disk"]
    told = found(subprocess.run(command, capture_output=True, text=True))
    assert told["problems"] == []
    assert told["counts"]["full disks"] >= 10


def writes(file: Path) -> list[str]:
    """The calls of a module that write files by themselves."""
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        own = isinstance(node.func, ast.Attribute)  # of a path; ours is a function
        mode = [a.value for a in node.args if isinstance(a, ast.Constant) and a.value in MODES]
        if (name in ("write_text", "write_bytes") and own) or (name in OPENS and mode):
            found.append(name)
    return found


MODES = {"w", "wb", "x", "xb", "a", "ab", "r+", "w+"}
OPENS = {"open", "fdopen", "ZipFile"}


def test_nothing_else_writes_files() -> None:
    """Whoever adds a writer adds it to `writers.py`, and writes by `whole_file`."""
    modules = [m for folder in ("harness", "fakes") for m in (ROOT / folder).rglob("*.py")]
    writers = {str(m.relative_to(ROOT)) for m in modules if writes(m)}
    assert writers - {"harness/dryfit/scenario/whole_file.py"} == set(ELSEWHERE)
