"""The cache folder is the user's own: what lies in it is executed."""

import os
import stat
from pathlib import Path

from dryfit.scenario.usage import UsageError
from dryfit.scenario.whole_file import make_folder


def own_cache(folder: Path) -> Path:
    """Make a cache folder for its user alone, or see that nobody else can write there.

    Raises:
        UsageError: another one's, or others can write in it or in a folder of it.
        UnwritableError: it cannot be made.
    """
    if not os.path.lexists(folder):
        make_folder(folder, mode=0o700)
    for part in (folder, folder / "environments", folder / "results"):
        if os.path.lexists(part) and (why := _whose(part)):
            raise UsageError(
                "--cache",
                f"{part} {why}; its environments are executed. Name another folder, or delete this",
            )
    return folder


def _whose(folder: Path) -> str:
    """Why a folder is not the user's alone; empty where it is, or where nobody can tell."""
    if not os.path.isdir(folder):
        return "is no folder"
    if not hasattr(os, "getuid"):
        return ""
    found = folder.stat()
    if found.st_uid != os.getuid():
        return f"is another user's (uid {found.st_uid})"
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return f"is one that others can write in (mode {stat.S_IMODE(found.st_mode):o})"
    return ""
