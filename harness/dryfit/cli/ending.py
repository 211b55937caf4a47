"""How a command ends, whatever happens in it: an exit status, and a line on stderr."""

import errno
import os
import select
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from dryfit.cli.usable_streams import no_working_directory, why_nothing_works
from dryfit.facts.visible_text import in_a_line, visible
from dryfit.lanes.interrupts import held, opened
from dryfit.lanes.time_limit import insisting

BAD_INPUT = 2
INTERNAL = 70  # EX_SOFTWARE of sysexits.h; never 1, which says that a scenario does not hold
_BY_SIGNAL = 128  # and the signal's number, as a shell says it
# What a system refuses, whatever a program does.
_OF_THE_SYSTEM = (errno.ENAMETOOLONG, errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EMFILE)


class CommandEnded(BaseException):
    """Somebody ends the program.

    Not a ``KeyboardInterrupt``: played scenarios raise that, and it is recorded as theirs.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def status_of(name: str, command: Callable[[], int]) -> int:
    """Run a command; return its exit status, and say on stderr why it has no other."""
    from dryfit.scenario.problems import ScenarioFileError
    from dryfit.scenario.usage import UsageError

    if why := no_working_directory():
        return _told(f"dryfit {name}: {why}", BAD_INPUT)
    try:
        with _ended_by_signals(), held(), opened(), insisting():
            status = command()
            sys.stdout.flush()
            return status
    except ScenarioFileError as error:  # each line begins with a place in a file
        return _told(str(error), BAD_INPUT)
    except UsageError as error:
        return _told(in_a_line(f"dryfit {name}: {error}"), BAD_INPUT)
    except (KeyboardInterrupt, CommandEnded) as error:
        number = error.number if isinstance(error, CommandEnded) else signal.SIGINT
        what = "interrupted" if number == signal.SIGINT else f"ended by {error}"
        notes = getattr(error, "__notes__", ())
        return _told(f"dryfit {name}: {'; '.join([what, *notes])}", _BY_SIGNAL + number)
    except BaseException as error:  # what a callback raised is never a command's end
        if isinstance(error, BrokenPipeError) and _nobody_reads():
            return _BY_SIGNAL + signal.SIGPIPE
        if isinstance(error, ImportError) and error.name is None:  # ours: what to install
            return _told(f"dryfit {name}: {error}", BAD_INPUT)
        if isinstance(error, OSError) and (why := why_nothing_works(error)):
            return _told(f"dryfit {name}: {why}", BAD_INPUT)
        if isinstance(error, OSError) and error.errno in _OF_THE_SYSTEM and error.filename:
            return _told(f"dryfit {name}: {error.filename}: {error.strerror}", BAD_INPUT)
        return _unforeseen(name, error)


def _told(line: str, status: int) -> int:
    print(visible(line), file=sys.stderr)
    return status


def _unforeseen(name: str, error: BaseException) -> int:
    told = " ".join(f"{type(error).__name__}: {_readable(error)}".split())
    remedy = "; DRYFIT_DEBUG=1 shows the traceback"
    if os.environ.get("DRYFIT_DEBUG") == "1":
        traceback.print_exception(error)
        remedy = ""
    return _told(f"dryfit {name}: internal error: {told}{remedy}", INTERNAL)


def _readable(error: BaseException) -> str:
    from dryfit.recorder.notes import readable

    return "; ".join([readable(error), *getattr(error, "__notes__", ())])


def _nobody_reads() -> bool:
    """Whether stdout is the pipe that broke, as of ``dryfit run . | head``; then it is left."""
    try:
        stdout = sys.stdout.fileno()
    except OSError:  # it is no file, but what a test reads
        return False
    poll = select.poll()
    poll.register(stdout, 0)
    if not poll.poll(0):  # an error of the pipe is told unasked, and so is its end
        return False
    # Python flushes once more when it exits, and would complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), stdout)
    return True


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Raise `CommandEnded` where a signal would end the program, so that it can clean up.

    Whoever handles a signal otherwise, or ignores it as ``nohup`` does, keeps it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    usual = (signal.default_int_handler, signal.SIG_DFL)
    ours = [number for number, handler in before.items() if handler in usual]
    for number in ours:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, before[number])


def _end(number: int, frame: FrameType | None) -> None:
    raise CommandEnded(number)
