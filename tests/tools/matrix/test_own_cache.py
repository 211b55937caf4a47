"""The cache is its user's own: whoever could write there would have code run by them."""

import json
import os
from pathlib import Path

import pytest

from dryfit.cli import main
from dryfit.scenario.usage import UsageError
from dryfit.scenario.whole_file import UnwritableError
from dryfit.tools.matrix.cells import Cell
from dryfit.tools.matrix.environments import Environments
from dryfit.tools.matrix.own_cache import own_cache
from dryfit.tools.matrix.processes import Processes

pytestmark = pytest.mark.skipif(not hasattr(os, "getuid"), reason="nobody can tell here")


def refused(folder: Path) -> str:
    with pytest.raises(UsageError) as error:
        own_cache(folder)
    return str(error.value)


def test_a_new_one_is_for_its_user_alone(tmp_path: Path) -> None:
    """Whatever the umask; the folders that it is in are as usual."""
    folder = tmp_path / "deep" / "cache"
    before = os.umask(0)
    try:
        assert own_cache(folder) == folder
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert own_cache(folder) == folder


def test_one_that_others_may_read_is_taken(tmp_path: Path) -> None:
    """As a CI's cache is unpacked: they can put nothing into it."""
    tmp_path.chmod(0o755)
    assert own_cache(tmp_path) == tmp_path


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o722, 0o1777])
@pytest.mark.parametrize("part", ["", "environments", "results"])
def test_one_that_others_can_write_in_is_refused(tmp_path: Path, mode: int, part: str) -> None:
    """It, or what is executed of it; the message says what to do."""
    tmp_path.chmod(0o700)
    folder = tmp_path / part
    folder.mkdir(exist_ok=True)
    folder.chmod(mode)
    assert refused(tmp_path) == (
        f"--cache: {folder} is one that others can write in (mode {mode:o}); its environments are "
        "executed. Name another folder, or delete this"
    )


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives folders away")
def test_another_users_is_refused(tmp_path: Path) -> None:
    """Also by way of a link that is the user's own."""
    theirs, link = tmp_path / "theirs", tmp_path / "link"
    theirs.mkdir(mode=0o700)
    os.chown(theirs, 1234, 1234)
    link.symlink_to(theirs)
    for folder in (theirs, link):
        assert refused(folder) == (
            f"--cache: {folder} is another user's (uid 1234); its environments are executed. Name "
            "another folder, or delete this"
        )


def test_what_is_no_folder(tmp_path: Path) -> None:
    """A file, and a link that leads nowhere; and a folder that cannot be made."""
    file, link = tmp_path / "file", tmp_path / "link"
    file.touch()
    link.symlink_to("nowhere")
    for place in (file, link):
        assert refused(place).startswith(f"--cache: {place} is no folder; ")
    with pytest.raises(UnwritableError, match=f"{file}/a: cannot be made: Not a directory"):
        own_cache(file / "a")


def left_in(cache: Path, ran: Path) -> None:
    """Leave an environment that looks whole, whose Python does what somebody wanted."""
    cell = Cell("3.9")
    known = Environments(cache, Processes(), (), "uv")
    place = cache / "environments" / known._name(cell)
    python = place / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\ntouch {ran}\n")
    python.chmod(0o755)
    note = {"for": known._wanted(cell), "id": "0" * 32, "files": 1}
    (place / "dryfit-matrix.json").write_text(json.dumps(note))


def test_the_command_executes_nothing_of_a_shared_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An interpreter that somebody left there is called where nobody else could leave it."""
    monkeypatch.setattr("dryfit.tools.matrix.environments.find_uv", lambda: "false")
    (tmp_path / "a.scenario.yaml").write_text(
        "name: a\nscript: {metrics: {loss: 1 1}}\nexpect: {epochs_run: 2}\n"
    )
    cache, ran = tmp_path / "cache", tmp_path / "ran"
    cache.mkdir()
    left_in(cache, ran)
    cache.chmod(0o777)
    words = ["matrix", str(tmp_path), "--keras", "3.9", "--cache", str(cache)]
    assert main(words) == 2
    assert capsys.readouterr().err == (
        f"dryfit matrix: --cache: {cache} is one that others can write in (mode 777); its "
        "environments are executed. Name another folder, or delete this\n"
    )
    assert not ran.exists()
    cache.chmod(0o700)
    main(words)
    assert ran.exists()
