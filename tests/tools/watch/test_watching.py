"""What is played again when files are saved."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

from dryfit.tools.watch.watching import Saved, Watching


class Players:
    """Tells of each scenario file that it is asked for, as a process with Keras would.

    Attributes:
        needs: which modules each scenario imports; set by a test while it goes on.
        outcomes: how it ends, likewise.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[list[str], list[str]]] = []
        self.needs = {"a": ["base.py", "mine.py"], "b": ["base.py"], "c": list[str]()}
        self.outcomes = dict.fromkeys(self.needs, "passed")
        self.unreadable: set[str] = set()

    def __call__(self, asked: Mapping[str, Any], hear: Callable[[dict[str, Any]], None]) -> None:
        self.asked.append((sorted(asked["files"]), asked["first"]))
        for file in asked["files"]:
            name = file.partition(".")[0]
            if name in self.unreadable:
                hear({"file": file, "problem": f"{file}: not to be read"})
                continue
            told = {
                "scenario": f"{file}::{name}",
                "outcomes": [self.outcomes[name]],
                "checks": 1,
                "text": "" if self.outcomes[name] == "passed" else f"{name} fails",
                "needs": [str(Path(module).resolve()) for module in self.needs[name]],
            }
            hear(told)


class Watched:
    """A folder that is watched, and the steps of whoever saves in it."""

    def __init__(self) -> None:
        self.player, self.printed = Players(), list[str]()
        self.folders: set[Path] = set()
        for name in self.player.needs:
            Path(f"{name}.scenario.yaml").touch()
        self._watching = Watching(["."], {"lanes": ["fake"]}, self.player, self.printed.append)

    def does(self, *steps: Callable[[], Saved]) -> list[tuple[list[str], list[str]]]:
        """Which files were played behind all, with what failed before, step by step."""
        left = list(steps)

        def wait(folders: Collection[Path]) -> Saved:
            self.folders = set(folders)
            if not left:
                raise KeyboardInterrupt
            return left.pop(0)()

        with pytest.raises(KeyboardInterrupt):
            self._watching.follow(wait)
        return self.player.asked[1:]


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    monkeypatch.chdir(tmp_path)
    return Watched()


def saves(*names: str) -> Callable[[], Saved]:
    return lambda: frozenset(Path(name).resolve() for name in names)


A, B, C = (f"{name}.scenario.yaml" for name in "abc")


def test_all_are_played_at_first(watched: Watched) -> None:
    """And the last line says how many there are, and what may be pressed."""
    assert watched.does() == []
    assert watched.player.asked == [([A, B, C], [])]
    assert watched.printed == [
        "3 scenarios, 3 checks, in fake; 3 passed\n"
        "watching 3 scenarios; Enter plays all, Ctrl-C ends"
    ]


def test_only_what_depends_on_a_file_is_played(watched: Watched) -> None:
    """A scenario file: itself. A module: what imports it. Another file: nothing."""
    assert watched.does(saves(C), saves("mine.py"), saves("base.py"), saves("notes.py")) == [
        ([C], []),
        ([A], []),
        ([A, B], []),
    ]


def test_enter_plays_all(watched: Watched) -> None:
    """Whatever was saved."""
    assert watched.does(lambda: None) == [([A, B, C], [])]


def test_what_failed_is_named_and_comes_first(watched: Watched) -> None:
    """In each round until it holds."""

    def fails() -> Saved:
        watched.player.outcomes["b"] = "failed"
        return saves(B)()

    played = watched.does(fails, saves(C), lambda: None)
    assert played == [([B], []), ([C], [f"{B}::b"]), ([A, B, C], [f"{B}::b"])]
    assert watched.printed[1:5] == [
        f"\nsaved: {B}",
        "b fails",
        "1 scenario, 1 check, in fake; 1 failed\n"
        "watching 3 scenarios; Enter plays all, Ctrl-C ends",
        f"\nsaved: {C}",
    ]
    assert watched.printed[5].startswith(
        f"1 scenario, 1 check, in fake; 1 passed; still to be mended: {B}::b\n"
    )


def test_a_file_that_cannot_be_used_keeps_what_it_needed(watched: Watched) -> None:
    """So it is played when a module is saved, and counted until then."""

    def breaks() -> Saved:
        watched.player.unreadable = {"a"}
        return saves(A)()

    assert watched.does(breaks, saves("mine.py")) == [([A], []), ([A], [])]
    assert watched.printed[2:4] == [
        f"{A}: not to be read",
        "0 scenarios, 0 checks, in fake\n"
        "watching 3 scenarios, and 1 file that cannot be used; Enter plays all, Ctrl-C ends",
    ]


def test_what_could_not_be_imported_is_played_with_any_module(watched: Watched) -> None:
    """Nobody knows where the module will be that is not there."""
    watched.player.outcomes["c"] = "error"
    assert watched.does(saves("new.py")) == [([C], [f"{C}::c"])]


def test_files_come_and_go(watched: Watched) -> None:
    """A new one is played; what is gone is no longer counted."""

    def goes() -> Saved:
        Path(B).unlink()
        return saves(B)()

    assert watched.does(goes, saves("base.py")) == [([A], [])]
    assert watched.printed[1] == (
        "\n1 scenario less; watching 2 scenarios; Enter plays all, Ctrl-C ends"
    )


def test_folders_of_modules_are_watched_too(watched: Watched, tmp_path: Path) -> None:
    """And the working directory, in which a module may yet appear; none that is gone."""
    there, gone = (tmp_path.parent / f"{tmp_path.name}-{name}" for name in ("there", "gone"))
    there.mkdir()
    watched.player.needs["c"] = [str(folder / "theirs.py") for folder in (there, gone)]
    watched.does()
    assert watched.folders == {tmp_path, there}
