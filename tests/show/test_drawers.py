"""Other processes draw while callbacks play in this one, which may do anything to its children."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from dryfit import play
from dryfit.lanes.process_tree import children
from dryfit.show.plot import drawers as module
from dryfit.show.plot import picture_cache
from dryfit.show.plot.drawers import Drawers
from dryfit.show.plot.figures import svgs_of
from dryfit.show.plot.picture import Picture
from dryfit.show.plot.picture_of_run import picture

pytest.importorskip("matplotlib")
if not Path("/proc/self/cmdline").exists():
    pytest.skip("no /proc tells what processes there are", allow_module_level=True)

PICTURES = {name: picture(play({"loss": f"{name} 1"})) for name in "2345"}


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[Picture]:
    """What this process draws, if others draw from the second picture on."""
    drawn: list[Picture] = []

    def drawing(pictures: list[Picture], used: Any) -> list[str]:
        drawn.extend(pictures)
        return svgs_of(pictures, used=used)

    monkeypatch.setattr(picture_cache, "svgs_of", drawing)
    monkeypatch.setattr(module, "_FOR_ONE", 2)
    monkeypatch.setattr(module, "_AT_ONCE", 1)
    monkeypatch.setattr(module, "_cores", lambda: 2)
    return drawn


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where pictures are kept."""
    return tmp_path / "kept"


@pytest.fixture
def drawers(kept: Path, here: list[Picture]) -> Iterator[Drawers]:
    """Processes that draw, one of them at once."""
    with closing(Drawers(kept)) as drawers:
        yield drawers


def add_all(drawers: Drawers) -> None:
    for name, shown in PICTURES.items():
        drawers.add(name, shown)


def assert_all_are_drawn(drawers: Drawers) -> None:
    assert drawers.drawn() == dict(zip(PICTURES, svgs_of([*PICTURES.values()]), strict=True))
    assert not drawers.drawn()


def until(found: Callable[[], Any]) -> Any:
    longest = time.monotonic() + 120
    while not (it := found()):
        assert time.monotonic() < longest
        time.sleep(0.01)
    return it


def drawers_of(process: int) -> list[int]:
    """The processes that draw for one."""
    found = []
    for told in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended
            if module.__name__ in (words := told.read_text()) and f"/dryfit-{process}-" in words:
                found.append(int(told.parent.name))
    return found


def test_another_process_draws_and_is_no_child(
    drawers: Drawers, here: list[Picture], kept: Path
) -> None:
    """It draws while more are added, and ends when this one needs it no more."""
    before = children(os.getpid())
    add_all(drawers)
    (other,) = until(lambda: drawers_of(os.getpid()))
    until(lambda: len([*kept.glob("*.svg")]) == len(PICTURES))
    assert children(os.getpid()) == before
    assert_all_are_drawn(drawers)
    assert not here
    assert drawers_of(os.getpid()) == [other]
    drawers.close()
    until(lambda: not drawers_of(os.getpid()))


def test_what_nobody_has_is_drawn_here(
    drawers: Drawers, here: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where no process can be had."""
    monkeypatch.setattr(subprocess, "run", Mock(side_effect=FileNotFoundError("/bin/sh")))
    add_all(drawers)
    assert_all_are_drawn(drawers)
    assert len(here) == len(PICTURES)


def test_what_one_has_who_dies_is_drawn_here(drawers: Drawers, kept: Path) -> None:
    """Be it while this process waits for it, and what none comes to any more."""
    add_all(drawers)
    (other,) = until(lambda: drawers_of(os.getpid()))
    until(lambda: [*kept.glob("*.svg")])  # it has two more, if it is not through
    os.kill(other, signal.SIGSTOP)
    threading.Timer(0.2, os.kill, (other, signal.SIGKILL)).start()
    assert_all_are_drawn(drawers)


def test_what_one_has_who_hangs_is_drawn_here(
    drawers: Drawers, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one does that was stopped from outside, or writes to a network that is gone."""
    monkeypatch.setattr(module, "_LONGEST_S", 0.1)
    add_all(drawers)
    (other,) = until(lambda: drawers_of(os.getpid()))
    until(lambda: [*kept.glob("*.svg")])
    os.kill(other, signal.SIGSTOP)
    try:
        assert_all_are_drawn(drawers)
    finally:
        os.kill(other, signal.SIGKILL)


def test_without_a_place_to_keep_pictures_all_is_drawn_here(here: list[Picture]) -> None:
    """As it is there that others put what they drew."""
    with closing(Drawers(None)) as drawers:
        add_all(drawers)
        assert not drawers_of(os.getpid())
        assert_all_are_drawn(drawers)
    assert len(here) == len(PICTURES)


def test_another_dryfit_draws_nothing(tmp_path: Path) -> None:
    """One that a new Python finds, where this one has found its own otherwise."""
    other = tmp_path / "dryfit.py"
    other.touch()
    task = tmp_path / "000000.task"
    task.write_bytes(pickle.dumps(PICTURES))
    places = [str(tmp_path), str(tmp_path / "kept"), str(other)]
    drawer = [sys.executable, "-m", module.__name__, *places, str(os.getpid())]
    assert subprocess.run(drawer, timeout=120).returncode == 0
    assert task.exists()


def test_without_the_folder_of_tasks_all_is_drawn_here(drawers: Drawers) -> None:
    """A callback may clear the folder of temporary files."""
    add_all(drawers)
    drawers.close()
    assert_all_are_drawn(drawers)


def test_whoever_draws_ends_with_who_asked(tmp_path: Path) -> None:
    """Be it killed; and the folder of its tasks goes."""
    killed = """
import os, pickle, signal, sys
from pathlib import Path
from dryfit.show.plot import drawers
drawers._FOR_ONE, drawers._cores = 1, lambda: 2
drawn = drawers.Drawers(Path("kept"))
drawn.add("2", pickle.load(sys.stdin.buffer))
print(os.getpid(), drawn._folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    shown = pickle.dumps(PICTURES["2"])
    words = [sys.executable, "-c", killed]
    done = subprocess.run(words, cwd=tmp_path, input=shown, stdout=subprocess.PIPE)
    process, folder = done.stdout.decode().split()
    until(lambda: not drawers_of(int(process)) and not Path(folder).exists())
