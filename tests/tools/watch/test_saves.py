"""Which folders are watched, and that no save between is lost."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from types import SimpleNamespace

import pytest

from dryfit.tools.watch.saves import Saves

Changes = set[tuple[str, str]]
A, BELOW_A, B, ABOVE = Path("/p/a"), Path("/p/a/below"), Path("/q/b"), Path("/q")


class Watchfiles:
    """Has the names of the library's that are used, and tells what a test says is saved.

    Attributes:
        begun: the folders of each watcher, in order.
    """

    def __init__(self) -> None:
        self.begun = SimpleQueue[tuple[Path, ...]]()
        self._watchers: list[tuple[tuple[Path, ...], SimpleQueue[str]]] = []

    def DefaultFilter(self) -> Callable[[str, str], bool]:  # noqa: N802  # as in the library
        return lambda change, path: True

    def watch(
        self,
        *folders: Path,
        watch_filter: Callable[[str, str], bool],
        stop_event: Event | None = None,
        **_: object,
    ) -> Iterator[Changes]:
        saved = SimpleQueue[str]()
        self._watchers.append((folders, saved))
        self.begun.put(folders)
        while path := saved.get(timeout=60):
            if stop_event is not None and stop_event.is_set():
                return
            if watch_filter("modified", path):
                yield {("modified", path)}

    def save(self, path: Path) -> None:
        for folders, saved in self._watchers:
            if any(folder in path.parents for folder in folders):
                saved.put(str(path))


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watchfiles]:
    library = Watchfiles()
    names = SimpleNamespace(DefaultFilter=library.DefaultFilter, watch=library.watch)
    monkeypatch.setitem(sys.modules, "watchfiles", names)
    yield library
    for _, saved in library._watchers:
        saved.put("")


def test_only_new_folders_are_begun(library: Watchfiles) -> None:
    """One that lies in another is watched with it."""
    saves = Saves()
    for folders in ({A, BELOW_A}, {BELOW_A}, {A, B}):
        saves.watch(folders)
    assert {library.begun.get(timeout=60) for _ in range(2)} == {(A,), (B,)}
    assert library.begun.empty()


def test_what_was_watched_still_is(library: Watchfiles) -> None:
    """While new folders are begun, and when they are."""
    saves = Saves()
    for folders in ({A}, {B}):
        saves.watch(folders)
        library.begun.get(timeout=60)
    library.save(A / "mine.py")
    assert saves.wait({B}) == {A / "mine.py"}


def test_a_save_is_told_once(library: Watchfiles) -> None:
    """Where a folder is watched, and later one above it."""
    saves = Saves()
    for folders in ({B}, {ABOVE}):
        saves.watch(folders)
        library.begun.get(timeout=60)
    told = []
    for path in (B / "mine.py", ABOVE / "theirs.py"):
        library.save(path)
        told.append(saves.wait({ABOVE}))
    assert told == [{B / "mine.py"}, {ABOVE / "theirs.py"}]
