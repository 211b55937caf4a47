"""A job in a process of its own, which ends in time whatever it does."""

import multiprocessing
import os
import signal
import warnings
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any


class NoAnswerError(Exception):
    """A job that gave no answer; the message says why."""


def in_a_child(job: Callable[[], Any], limit_s: float) -> Any:
    """Do a job in a copy of this process, and give what it returns.

    Whatever it changes is changed there, and gone with it. It is killed when it takes
    too long, and when this process is interrupted.

    Raises:
        NoAnswerError: it did not end in time, or its process ended without an answer.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(job, sender), daemon=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jax and Python warn of forks; a child plays no tensors
        process.start()
    sender.close()
    try:
        if not receiver.poll(limit_s):
            raise NoAnswerError("it never ends")
        answer, error = receiver.recv()
        if error is not None:
            raise NoAnswerError(error)
        return answer
    except EOFError:
        process.join(1)
        raise NoAnswerError(f"it ends the process, with status {process.exitcode}") from None
    finally:
        with suppress(ProcessLookupError, PermissionError):  # its group: what it started, too
            os.killpg(process.pid or 0, signal.SIGKILL)
        process.kill()
        process.join()
        receiver.close()


def _answer(job: Callable[[], Any], sender: Connection) -> None:
    os.setpgid(0, 0)  # Ctrl-C is for the parent, who ends this
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    try:
        sender.send((job(), None))
    except SystemExit:
        raise  # with its status
    except BaseException as error:  # an alarm's, or pytest's own: it is no less to be told
        sender.send((None, f"it raises {type(error).__name__}: {error}"))
    sender.close()
    os._exit(0)  # no clean-up of what belongs to the parent
