"""Cells are played side by side, and what came of them is kept."""

import sys
from pathlib import Path
from threading import Thread

import pytest
from stand_in import StandIn, play

from dryfit.tools.matrix.cells import Cell
from dryfit.tools.matrix.environments import Environments
from dryfit.tools.matrix.fingerprints import fingerprint
from dryfit.tools.matrix.player import PlayedElsewhere, Player
from dryfit.tools.matrix.processes import InterruptedRunError, Processes

ROWS = {"3.6.0": [play({"epochs_run": "3"})], "3.9.2": [play({"epochs_run": "6"})]}
CELLS = [Cell("3.6"), Cell("3.9")]


@pytest.fixture
def uv() -> StandIn:
    return StandIn(ROWS)


@pytest.fixture
def scenarios(tmp_path: Path) -> Path:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "a.scenario.yaml").write_text("name: a\n")
    return folder


def player(scenarios: Path, uv: StandIn, *, anew: bool = False) -> Player:
    cache = scenarios.parent / "cache"
    made = Environments(cache, uv, (), uv="uv")  # type: ignore[arg-type]
    return Player([scenarios], "fake", cache, made, uv, anew=anew)  # type: ignore[arg-type]


def test_each_cell_has_its_rows(scenarios: Path, uv: StandIn) -> None:
    """In the order that was asked for, with the release that it came to."""
    played = player(scenarios, uv).play_all(CELLS, jobs=2)
    assert [(p.keras, list(p.rows)) for p in played] == list(ROWS.items())


def test_what_was_played_is_kept(scenarios: Path, uv: StandIn) -> None:
    """The same command again plays nothing."""
    first = player(scenarios, uv).play_all(CELLS, jobs=1)
    second = player(scenarios, uv).play_all(CELLS, jobs=1)
    assert [p.rows for p in second] == [p.rows for p in first]
    assert [p.how for p in second] == ["kept from before"] * 2
    assert uv.played == ["3.6.0", "3.9.2"]


@pytest.mark.parametrize("changed", ["a.scenario.yaml", "callbacks.py", "deeper/callbacks.py"])
def test_a_changed_scenario_is_played_again(scenarios: Path, uv: StandIn, changed: str) -> None:
    """It, and the modules beside it; the environment stays."""
    player(scenarios, uv).play(CELLS[0])
    (scenarios / changed).parent.mkdir(exist_ok=True)
    (scenarios / changed).write_text("name: other\n")
    player(scenarios, uv).play(CELLS[0])
    assert (uv.installed, uv.played) == (["3.6.0"], ["3.6.0", "3.6.0"])


def test_a_changed_module_from_elsewhere_is_played_again(scenarios: Path, uv: StandIn) -> None:
    """What a play imported from outside of its environment is part of it."""
    module = scenarios.parent / "mine.py"
    module.write_text("PATIENCE = 1\n")
    uv.sources = {str(module): fingerprint(module)}
    player(scenarios, uv).play(CELLS[0])
    player(scenarios, uv).play(CELLS[0])
    assert uv.played == ["3.6.0"]
    module.write_text("PATIENCE = 2\n")
    player(scenarios, uv).play(CELLS[0])
    assert uv.played == ["3.6.0", "3.6.0"]


def test_everything_can_be_played_anew(scenarios: Path, uv: StandIn) -> None:
    """Environments and all."""
    player(scenarios, uv).play(CELLS[0])
    player(scenarios, uv, anew=True).play(CELLS[0])
    assert (uv.installed, uv.played) == (["3.6.0", "3.6.0"], ["3.6.0", "3.6.0"])


def test_a_cell_that_cannot_be_installed_leaves_the_others(scenarios: Path, uv: StandIn) -> None:
    """It says why."""
    played = player(scenarios, uv).play_all([Cell("3.99"), *CELLS], jobs=2)
    assert [(p.keras, p.error) for p in played] == [
        ("3.99", "No solution found: no 3.99"),
        ("3.6.0", ""),
        ("3.9.2", ""),
    ]


def test_an_environment_that_broke_is_made_again_once(scenarios: Path, uv: StandIn) -> None:
    """If that does not help it says what happens, and nothing is kept."""
    player(scenarios, uv).play(CELLS[0])
    (scenarios / "a.scenario.yaml").write_text("name: b\n")
    uv.broken["3.6.0"] = "ImportError: no jax"
    assert player(scenarios, uv).play(CELLS[0]).error == "ImportError: no jax"
    assert uv.installed == ["3.6.0", "3.6.0"]
    uv.broken.clear()
    assert player(scenarios, uv).play(CELLS[0]).error == ""


def test_after_an_interrupt_what_is_done_is_kept(scenarios: Path, uv: StandIn) -> None:
    """Programs are ended, and the same command goes on with the rest."""

    def interrupted(_: PlayedElsewhere) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        player(scenarios, uv).play_all(CELLS[:1], jobs=1, told=interrupted)
    assert uv.ended
    played = player(scenarios, uv).play_all(CELLS, jobs=1)
    assert [p.how == "kept from before" for p in played] == [True, False]


def test_an_interrupt_ends_programs() -> None:
    """Those that run, and none begins any more."""
    processes, ended = Processes(), []
    command = [sys.executable, "-c", "import time; time.sleep(600)"]

    def sleep() -> None:
        with pytest.raises(InterruptedRunError):
            processes.run(command)
        ended.append(True)

    thread = Thread(target=sleep)
    thread.start()
    while not processes._running:
        pass
    processes.end()
    thread.join()
    assert ended == [True]
    with pytest.raises(InterruptedRunError):
        processes.run(command)
