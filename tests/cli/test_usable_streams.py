"""What a command does where there is little to work with: one clear line, and its status."""

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dryfit.cli import main

SCENARIO = "name: 学习 é\nscript: {metrics: {loss: 1x2}}\nexpect: {epochs_run: 2}\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A scenario in the working directory."""
    monkeypatch.chdir(tmp_path)
    Path("a.scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    return "a.scenario.yaml"


def in_a_shell(line: str) -> tuple[int, str]:
    """Run a command as a shell does; return its status, and what it says on stderr."""
    ended = subprocess.run(
        ["sh", "-c", line.replace("dryfit", f"{sys.executable} -m dryfit")],
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has it")
def test_a_full_disk_behind_stdout_is_told() -> None:
    """A verdict that nobody can read is no verdict."""
    assert in_a_shell("dryfit schema > /dev/full") == (
        2,
        "dryfit schema: what is printed cannot be written: No space left on device\n",
    )


@pytest.mark.skipif(os.name == "nt", reason="closes streams as a POSIX shell does")
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-", "2>&-"])
def test_closed_streams_change_no_status(closed: str) -> None:
    """Whoever closes stdout wants the status alone."""
    assert in_a_shell(f"dryfit schema {closed}") == (0, "")
    assert in_a_shell(f"dryfit run nowhere.scenario.yaml {closed}")[0] == 2


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("ascii", rb"\u5b66\u4e60 \xe9"), ("cp1252", rb"\u5b66\u4e60 " + b"\xe9")],
)
def test_letters_that_a_terminal_has_not_are_escaped(
    file: str, encoding: str, name: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables are drawn with what there is, and the stream is as it was afterwards."""
    stdout = io.TextIOWrapper(io.BytesIO(), encoding)
    monkeypatch.setattr(sys, "stdout", stdout)
    assert main(["trace", file]) == 0
    stdout.flush()
    assert isinstance(stdout.buffer, io.BytesIO)
    first, _, line, *_ = stdout.buffer.getvalue().splitlines()
    assert first == b"a.scenario.yaml:1: " + name
    assert set(line.strip()) == {ord("-")}
    assert stdout.errors == "strict"


def test_a_working_directory_that_is_gone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every path would be relative to nothing."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert main(["run", "a.scenario.yaml"]) == 2
    assert capsys.readouterr().err == (
        "dryfit run: the working directory is not there any more; change to one that is\n"
    )


def test_no_temporary_folder_is_told(
    file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A scenario is played in one."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/nowhere"])
    assert main(["run", file]) == 2
    assert capsys.readouterr().err == (
        "dryfit run: No usable temporary directory found in ['/nowhere']; name a folder that can "
        "be written to with TMPDIR\n"
    )


def test_a_name_that_the_system_refuses_is_told(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is written: it is no error of ours, and no scenario that fails."""
    assert main(["run", file, "--report", "a" * 300]) == 2
    assert capsys.readouterr().err.endswith(f"{'a' * 300}: cannot be written: File name too long\n")
