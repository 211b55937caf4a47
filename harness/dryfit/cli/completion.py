"""Completion of the command line in a shell."""

import argparse
import importlib.util
from collections.abc import Iterator

SHELLS = ("bash", "zsh", "fish")

_FILES = ("FILE", "PATH", "SOURCE")
_FOLDERS = ("FOLDER",)


def print_completion(parser: argparse.ArgumentParser, shell: str) -> int:
    """Print what a shell is to read once, to complete commands, options and files.

    Raises:
        ImportError: shtab is not installed.
    """
    if importlib.util.find_spec("shtab") is None:
        raise ImportError('completion is made by shtab: pip install "dryfit[completion]"')
    import shtab

    for action in _actions(parser):
        metavar = action.metavar if isinstance(action.metavar, str) else ""
        if any(name in metavar for name in _FILES):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif any(name in metavar for name in _FOLDERS):
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    print(shtab.complete(parser, shell=shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
