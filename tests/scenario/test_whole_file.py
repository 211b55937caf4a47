"""Files are written whole or not at all."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dryfit.scenario import whole_file
from dryfit.scenario.whole_file import (
    UnwritableError,
    append_text,
    create_text,
    write_bytes,
    write_text,
)

OLD, NEW = b"old\r\n" * 50_000, b"new\n" * 70_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.scenario.yaml"
    path.write_bytes(OLD)
    return path


def test_a_file_is_replaced_and_nothing_lies_beside_it(file: Path) -> None:
    """The new content is there, byte for byte."""
    assert write_bytes(file, NEW)
    assert file.read_bytes() == NEW
    assert os.listdir(file.parent) == [file.name]


def test_an_unchanged_file_is_left_alone(file: Path) -> None:
    """Not even its time of change moves, so nobody builds anew for it."""
    before = file.stat()
    assert not write_text(file, OLD.decode())
    after = file.stat()  # whose time of access is another: the file was read
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_line_ends_stay_as_they_are_written(file: Path) -> None:
    """Python's text mode would make others of them."""
    write_text(file, "a\r\nb\nc\r")
    assert file.read_bytes() == b"a\r\nb\nc\r"


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_the_mode_is_kept(file: Path, mode: int) -> None:
    """A file that others may not read does not become readable."""
    file.chmod(mode)
    write_bytes(file, NEW)
    assert file.stat().st_mode & 0o777 == mode


def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    """Temporary files are their owner's alone; this is none."""
    plain, ours = tmp_path / "plain", tmp_path / "ours"
    plain.write_bytes(b"")
    write_bytes(ours, b"")
    assert ours.stat().st_mode == plain.stat().st_mode


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_the_owner_is_kept(file: Path) -> None:
    """Somebody else's file stays theirs."""
    os.chown(file, 1234, 1235)
    write_bytes(file, NEW)
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 1235)


def test_a_link_stays_a_link(file: Path) -> None:
    """What it leads to has the new content."""
    link = file.parent / "link.scenario.yaml"
    link.symlink_to(file.name)
    write_bytes(link, NEW)
    assert link.is_symlink()
    assert file.read_bytes() == NEW


def test_a_name_as_long_as_names_can_be(tmp_path: Path) -> None:
    """What is written beside it has a short name of its own."""
    file = tmp_path / ("n" * 255)
    write_bytes(file, NEW)
    assert file.read_bytes() == NEW


def test_half_a_surrogate_pair_changes_nothing(file: Path) -> None:
    """It cannot be written as UTF-8."""
    with pytest.raises(UnwritableError) as refused:
        write_text(file, "a\ud800")
    assert str(refused.value) == (
        f"{file}: cannot be written: '\\ud800' is half a surrogate pair, which UTF-8 does not have"
    )
    assert file.read_bytes() == OLD
    assert os.listdir(file.parent) == [file.name]


@pytest.mark.parametrize("fails", ["fsync", "replace", "read_back"])
def test_a_full_disk_leaves_the_old_file(
    file: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    """At whichever step it shows."""

    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if fails == "read_back":
        monkeypatch.setattr(whole_file.Path, "read_bytes", lambda path: OLD)
    else:
        monkeypatch.setattr(whole_file.os, fails, full)
    with pytest.raises(OSError, match="No space left|does not read back"):
        write_bytes(file, NEW)
    monkeypatch.undo()
    assert file.read_bytes() == OLD
    assert os.listdir(file.parent) == [file.name]


WAYS = {
    "a folder": ("folder", "Is a directory"),
    "a name that is too long": ("n" * 256, "File name too long"),
    "a folder that is not there": ("none/a", "No such file or directory"),
    "a file in the place of a folder": ("a.scenario.yaml/a", "Not a directory"),
    "a disk that is full": ("full", "No space left on device"),
    "a loop of links": ("loop", "Too many levels of symbolic links"),
}


@pytest.mark.parametrize("write", [write_text, append_text])
@pytest.mark.parametrize(("name", "why"), WAYS.values(), ids=WAYS)
def test_what_cannot_be_written_is_named(file: Path, write: Any, name: str, why: str) -> None:
    """The file as it was asked for, and the system's reason; nothing is left."""
    folder = file.parent
    (folder / "folder").mkdir()
    (folder / "full").symlink_to("/dev/full")
    (folder / "loop").symlink_to("loop")
    before = sorted(os.listdir(folder))
    with pytest.raises(UnwritableError) as refused:
        write(folder / name, "new")
    assert str(refused.value) == f"{folder / name}: cannot be written: {why}"
    assert isinstance(refused.value, OSError)
    assert sorted(os.listdir(folder)) == before
    assert file.read_bytes() == OLD


def test_a_new_file_takes_no_others_place(file: Path) -> None:
    """Also where it came after somebody looked."""
    with pytest.raises(UnwritableError) as refused:
        create_text(file, "new")
    assert str(refused.value) == f"{file}: cannot be written: File exists"
    assert file.read_bytes() == OLD
    create_text(file.parent / "b", "new")
    assert (file.parent / "b").read_text() == "new"
    assert sorted(os.listdir(file.parent)) == [file.name, "b"]


@pytest.mark.parametrize("there", [False, True])
def test_a_file_system_without_hard_links(
    file: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    """As of a camera's card: a new file is made, and none is replaced."""

    def refuse(*_: Any) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    if there:
        with pytest.raises(UnwritableError, match="Operation not permitted"):
            create_text(file, "new")
        assert file.read_bytes() == OLD
    else:
        create_text(file.parent / "b", "new")
        assert (file.parent / "b").read_text() == "new"


def test_what_is_added_stands_behind_what_others_added(file: Path) -> None:
    """Nothing that is there is touched; a file that is not there is made."""
    append_text(file, "one")
    append_text(file, "two")
    assert file.read_bytes() == OLD + b"onetwo"
    append_text(file.parent / "b", "new")
    assert (file.parent / "b").read_text() == "new"


KILLED = """
import os, signal, sys
from dryfit.scenario import whole_file
left = int(sys.argv[2])

def count(frame, event, argument):
    global left
    if frame.f_code.co_filename == whole_file.__file__:
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return count

sys.settrace(count)
whole_file.write_bytes(whole_file.Path(sys.argv[1]), b"new\\n" * 70_000)
"""


def test_a_kill_at_any_line_leaves_the_old_file_or_the_new_one(file: Path) -> None:
    """Before each line of ours that is executed, one after the other."""
    seen = set()
    for lines in range(200):
        ended = subprocess.run(
            [sys.executable, "-c", KILLED, str(file), str(lines)], stderr=subprocess.PIPE
        )
        content = file.read_bytes()
        assert content in (OLD, NEW)
        seen.add(content)
        if ended.returncode != -signal.SIGKILL:
            break
        file.write_bytes(OLD)
    assert ended.returncode == 0, ended.stderr
    assert seen == {OLD, NEW}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
@pytest.mark.parametrize("write", [write_text, append_text])
def test_a_pipe_that_nobody_reads_is_refused(tmp_path: Path, write: Any) -> None:
    """Opening it would wait for a reader that may never come."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnwritableError, match="cannot be written: No such device or address"):
        write(tmp_path / "pipe", "text")
