"""The process behind `dryfit.lanes.own_process`: it imports Keras once, and forks for each job.

It forks ahead: the process of the next job waits for it, and may have made itself warm.

Run as ``python -m dryfit.lanes.own_process_server MODULE…``; it imports the modules, does nothing
with them, and reads requests from its standard input, one JSON object a line. A process
that has only imported Keras can be forked: nothing in it is under way. With ``--once`` it
does one job itself, where there is no fork.
"""

import argparse
import gc
import importlib
import json
import os
import select
import signal
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any, NoReturn

from dryfit.lanes.temporary import clear_behind

_LOOK_S = 0.02  # how often the server sees whether its job has ended


def main(arguments: Sequence[str]) -> None:
    """Serve until nobody asks any more."""
    options = _options(arguments)
    asked, told = _door()
    try:
        for name in options.modules:
            importlib.import_module(name)
    except ImportError as error:
        _tell(told, failed=str(error))
        return
    gc.freeze()  # what a job collects is its own garbage
    _tell(told, ready=True)
    if options.once:
        _work(json.loads(asked.readline()))
    while True:
        process, given = _forked(options.warm)
        if not (line := asked.readline()):
            return
        _own_group(process)
        with suppress(BrokenPipeError):  # it has ended already, and that is told
            os.write(given, line.encode())
        os.close(given)
        _tell(told, process=process)
        status = _ended(process, asked)
        clear_behind(process)
        _tell(told, status=status)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    made = argparse.ArgumentParser()
    made.add_argument("--once", action="store_true", help="do one job, without a fork")
    made.add_argument("--warm", default="", help="module:function that a process begins with")
    made.add_argument("modules", nargs="*")
    return made.parse_args(arguments)


def _forked(warm: str) -> tuple[int, int]:
    """Fork a process that waits for its job; its number, and where it is given that."""
    job, given = os.pipe()
    process = os.fork()
    if not process:
        os.close(given)  # else it would never see that nobody has a job for it
        _wait(job, warm)
    os.close(job)
    return process, given


def _wait(job: int, warm: str) -> NoReturn:
    """Do the job that comes through a pipe."""
    with suppress(Exception):  # what fails here fails in the job, which tells of it
        if warm:
            _called(warm)()
    with os.fdopen(job) as lines:
        request = lines.readline()
    if not request:
        os._exit(0)
    os.setpgid(0, 0)
    _work(json.loads(request))


def _door() -> tuple[Any, Any]:
    """What is asked and told; what else prints here goes nowhere."""
    asked, told = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return asked, told


def _tell(told: Any, **what: Any) -> None:
    print(json.dumps(what), file=told, flush=True)


def _own_group(process: int) -> None:
    try:  # the child does it too; whoever comes first
        os.setpgid(process, process)
    except OSError:
        return


def _ended(process: int, asked: Any) -> int:
    """Wait for a job; end it if whoever asked for it is gone."""
    with ExitStack() as stack:
        ends = []
        # Linux says at once that a process has ended, unless its kernel is old or a sandbox's.
        with suppress(AttributeError, OSError):
            ends.append(os.pidfd_open(process))
            stack.callback(os.close, ends[0])
        while True:
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            # Nothing is asked while a job is under way: what can be read is the end.
            if asked in select.select([asked, *ends], [], [], _LOOK_S)[0]:
                os.killpg(process, signal.SIGKILL)


def _work(request: Mapping[str, Any]) -> NoReturn:
    """Do one job, and end this process whatever is still running in it."""
    output = os.open(request["output"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.path[:] = request["path"]
    status = 1
    try:
        with open(request["notes"], "a", encoding="utf-8") as notes:

            def tell(text: str) -> None:
                print(json.dumps(text), file=notes, flush=True)

            _called(request["job"])(tell, *request["arguments"])
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)  # threads that never end do not keep it


def _called(what: str) -> Any:
    module, _, name = what.partition(":")
    return getattr(importlib.import_module(module), name)


if __name__ == "__main__":
    main(sys.argv[1:])
