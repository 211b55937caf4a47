"""TensorFlow's import without the lines that it says on every start."""

import gc
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# Said past TF_CPP_MIN_LOG_LEVEL (TensorFlow 2.21).
_CHATTER = "^WARNING: All log messages before absl::InitializeLog|^I0000 "
_STDERR = 2
_END_S = 5.0


@contextmanager
def quiet_import() -> Iterator[None]:
    """Leave out TensorFlow's start-up lines, where ``TF_CPP_MIN_LOG_LEVEL=3`` asks for silence.

    All else on stderr passes at once, through another process: the last words of an import
    that aborts too.
    """
    grep = shutil.which("grep") if os.environ.get("TF_CPP_MIN_LOG_LEVEL") == "3" else None
    if grep is None or not _is_open(_STDERR):
        yield
        return
    before = os.dup(_STDERR)
    heard, told = os.pipe()
    words = [grep, "--line-buffered", "-avE", _CHATTER]
    rest = None
    with suppress(OSError):  # no process more can be had: all is told then
        rest = subprocess.Popen(words, stdin=heard, stdout=before, stderr=before)  # noqa: S603
        os.dup2(told, _STDERR)
    for end in (heard, told):
        os.close(end)
    try:
        yield
    finally:
        os.dup2(before, _STDERR)
        os.close(before)
        if rest is not None:
            with suppress(subprocess.TimeoutExpired):  # what the import has started keeps its end
                rest.wait(_END_S)


@contextmanager
def without_collections() -> Iterator[None]:
    """Collect no garbage during an import: each collection goes through all that is there by then.

    It finds next to nothing, and together they are a tenth of the import of Keras. Behind it
    what is there counts as old, or the next three would still go through all of it.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # else by somebody who wants it to stay so
            gc.freeze()
            gc.unfreeze()  # into the oldest generation
        if collects:
            gc.enable()


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
