"""Pythons that have imported Keras already: for what a process prints, and how it ends.

A new Python waits seconds for Keras. These are forked from one that has it, once for all tests
of a pytest worker. A test of what is imported, of the order of sets or of another backend needs
a Python that is really new, and so does a machine without fork.
"""

import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from dryfit.lanes.own_process import kept

_MODULES = ("dryfit.scenario.playing", "dryfit.cli", "dryfit.plugin", "pytest")
_LIMIT_S = 600.0


def python(
    *arguments: str | Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``python`` with a script, ``-c code`` or ``-m module`` in this working directory.

    Args:
        environment: the whole of it, this process' own by default.
    """
    words = [str(argument) for argument in arguments]
    whole = dict(os.environ if environment is None else environment)
    with tempfile.TemporaryDirectory() as folder:
        streams = [f"{folder}/{name}" for name in ("out", "err")]
        job = f"{__name__}:_become_python"
        ended = kept(*_MODULES).run(job, words, whole, streams, silence_s=_LIMIT_S)
        assert not ended.cut, ended.cut
        told = [Path(stream).read_text(encoding="utf-8") for stream in streams]
    return subprocess.CompletedProcess(words, ended.status, *told)


def run_pytest(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Do what ``pytester.runpytest_subprocess`` does."""
    base = f"--basetemp={pytester.path / 'temporary'}"
    ended = python("-m", "pytest", base, *arguments)
    lines = ended.stdout.splitlines(), ended.stderr.splitlines()
    return pytest.RunResult(ended.returncode, *map(list, lines), duration=0.0)


def _become_python(
    tell: Callable[[str], None],
    words: Sequence[str],
    environment: Mapping[str, str],
    streams: Sequence[str],
) -> None:
    """Go on as the Python of a command line: a job."""
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, stream in enumerate(streams, start=1):
        os.dup2(os.open(stream, os.O_WRONLY | os.O_CREAT), descriptor)
    status = 1
    try:
        _run(*words)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _run(kind: str, *words: str) -> None:
    if kind == "-c":
        sys.path.insert(0, "")
        sys.argv[:] = ["-c", *words[1:]]
        main = sys.modules["__main__"] = ModuleType("__main__")
        exec(compile(words[0], "<string>", "exec"), vars(main))
    elif kind == "-m":
        sys.path.insert(0, os.getcwd())
        sys.argv[:] = list(words)
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    else:
        sys.path.insert(0, os.path.dirname(os.path.abspath(kind)))
        sys.argv[:] = [kind, *words]
        runpy.run_path(kind, run_name="__main__")
