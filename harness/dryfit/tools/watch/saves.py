"""What is saved below some folders, and when somebody presses Enter: one after the other."""

import os
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from dryfit.scenario.naming import SUFFIXES
from dryfit.tools.watch.watching import Saved

_STEP_MS = 20  # one that passes without a change ends what is handed out together
_TOGETHER_MS = 200


class Saves:
    """Watches files and the keyboard, in threads, from when it is told of folders on.

    Raises:
        ImportError: watchfiles is not installed.
    """

    def __init__(self) -> None:
        try:
            import watchfiles
        except ImportError:
            told = 'run --watch needs watchfiles: pip install "dryfit[watch]"'
            raise ImportError(told) from None
        self._watchfiles = watchfiles
        self._came: SimpleQueue[Saved | OSError] = SimpleQueue()
        self._folders: frozenset[Path] = frozenset()
        Thread(target=self._keyboard, daemon=True).start()

    def watch(self, folders: Collection[Path]) -> None:
        """Watch below these folders too; those before are watched on, so that no save is lost."""
        new = {folder for folder in folders if not _lies_in(self._folders, folder)}
        outermost = frozenset(folder for folder in new if new.isdisjoint(folder.parents))
        if outermost:
            Thread(target=self._below, args=(outermost, self._folders), daemon=True).start()
            self._folders |= outermost

    def wait(self, folders: Collection[Path]) -> Saved:
        """Wait until something is saved below these folders; all that was is handed out at once.

        Raises:
            OSError: the system watches no more files.
        """
        self.watch(folders)
        came = [self._came.get()]
        while not self._came.empty():
            came.append(self._came.get())
        saved: set[Path] = set()
        for one in came:
            if isinstance(one, OSError):
                raise one
            if one is None:
                return None
            saved |= one
        return frozenset(saved)

    def _below(self, folders: frozenset[Path], watched: frozenset[Path]) -> None:
        concerns = self._watchfiles.DefaultFilter()
        try:
            for changes in self._watchfiles.watch(
                *folders,
                watch_filter=lambda change, path: (
                    path.endswith((".py", *SUFFIXES))
                    and concerns(change, path)
                    and not _lies_in(watched, Path(path))  # another thread tells that
                ),
                step=_STEP_MS,
                debounce=_TOGETHER_MS,
                ignore_permission_denied=True,
            ):
                self._came.put(frozenset(Path(path) for _, path in changes))
        except OSError as error:
            self._came.put(error)

    def _keyboard(self) -> None:
        """Hear Enter, without a lock that Python would wait for at its end."""
        if sys.stdin is None:
            return
        with suppress(OSError):  # the terminal has gone
            while typed := os.read(sys.stdin.fileno(), 1024):
                if b"\n" in typed:
                    self._came.put(None)


def _lies_in(folders: Collection[Path], path: Path) -> bool:
    return any(folder in folders for folder in (path, *path.parents))
