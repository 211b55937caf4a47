"""Where in somebody's own code an exception was raised."""

import os
import sysconfig
from traceback import walk_tb
from types import CodeType

from dryfit.recorder.asked_of_logs import is_of_others

_INSTALLED = {"site-packages", "dist-packages"}


def own_line(error: BaseException | None) -> str:
    """Say the last line of somebody's own code that an exception came through.

    The first frame of its traceback, which caught it, is not looked at. A package that is
    installed, or Python's own, is taken only where there is no other: who hands it nonsense
    looks for his own line.

    Returns:
        Such as ``mine.py:3, in helper``; empty where all of it is Keras', TensorFlow's or ours.
    """
    trace = None if error is None else error.__traceback__
    frames = [
        (frame.f_code, line)
        for frame, line in walk_tb(None if trace is None else trace.tb_next)
        if not _is_no_authors(str(frame.f_globals.get("__name__"))) and _has_file(frame.f_code)
    ]
    if not frames:
        return ""
    own = [(code, line) for code, line in frames if not _is_installed(code.co_filename)]
    code, line = (own or frames)[-1]
    return f"{_from_here(code.co_filename)}:{line}, in {code.co_name}"


def _is_no_authors(module: str) -> bool:
    return is_of_others(module) or module.partition(".")[0] == "dryfit"


def _has_file(code: CodeType) -> bool:
    return not code.co_filename.startswith("<")  # <string>, <frozen importlib._bootstrap>


def _is_installed(file: str) -> bool:
    python = sysconfig.get_path("stdlib") + os.sep
    return not _INSTALLED.isdisjoint(file.split(os.sep)) or file.startswith(python)


def _from_here(file: str) -> str:
    path, here = os.path.realpath(file), os.path.realpath(os.curdir) + os.sep
    return path.removeprefix(here) if path.startswith(here) else file
