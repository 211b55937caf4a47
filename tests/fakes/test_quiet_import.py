"""What TensorFlow says on every start is left out, and nothing else."""

import gc
import os
import shutil
import subprocess
import sys

import pytest

from dryfit_fakes.quiet_import import without_collections

pytestmark = pytest.mark.skipif(shutil.which("grep") is None, reason="there is no grep")

SAYS = """
import os
from dryfit_fakes.quiet_import import quiet_import

with quiet_import():
    os.write(2, b"WARNING: All log messages before absl::InitializeLog() is called\\n")
    os.write(2, b"I0000 00:00:1 4 port.cc:153] oneDNN custom operations are on\\n")
    os.write(2, b"E0000 00:00:1 4 cuda.cc:1] no driver\\n")
    LAST
os.write(2, b"I0000 afterwards\\n")
"""
TOLD = "E0000 00:00:1 4 cuda.cc:1] no driver\n"


def said(last: str = "pass", level: str = "3") -> str:
    """What a Python says on stderr that imports something and does a last thing in it."""
    words = [sys.executable, "-c", SAYS.replace("LAST", last)]
    no_traces = {"PYTHONFAULTHANDLER": "", "PYTHONDEVMODE": ""}  # of an abort
    environment = os.environ | no_traces | {"TF_CPP_MIN_LOG_LEVEL": level}
    return subprocess.run(
        words,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        errors="surrogateescape",
    ).stderr


def test_the_lines_of_a_start_are_left_out() -> None:
    """Errors are told; and behind the import everything is."""
    assert said() == TOLD + "I0000 afterwards\n"


def test_what_is_no_text_is_told() -> None:
    """A byte that is none, in a path say, loses no line."""
    assert said("os.write(2, bytes([83, 255, 10]))") == TOLD + "S\udcff\nI0000 afterwards\n"


def test_last_words_are_told() -> None:
    """Of an import that aborts: another process passes them on."""
    assert said("os.abort()") == TOLD


@pytest.mark.parametrize("last", ["os.close(2)", "os.closerange(0, 3)"])
def test_an_import_that_closes_stderr_ends(last: str) -> None:
    """It is there again afterwards."""
    assert said(last) == TOLD + "I0000 afterwards\n"


def test_who_asks_for_them_has_them() -> None:
    """TensorFlow's own variable decides."""
    assert said(level="0").count("\n") == 4


@pytest.mark.parametrize("collects", [True, False])
def test_what_is_imported_counts_as_old(collects: bool) -> None:
    """No collection goes through it meanwhile, nor soon behind it; then they come as before."""
    looked: list[int] = []

    def look(phase: str, info: dict[str, int]) -> None:
        looked.append(info["generation"])

    frozen = gc.get_freeze_count()
    gc.unfreeze()
    (gc.enable if collects else gc.disable)()
    gc.callbacks.append(look)
    try:
        with without_collections():
            imported = [[] for _ in range(10_000)]
        assert not looked
        assert gc.isenabled() == collects
        assert not gc.get_freeze_count()
        assert any(one is imported for one in gc.get_objects(generation=2))
    finally:
        gc.callbacks.remove(look)
        gc.enable()
        if frozen:
            gc.freeze()


def test_what_somebody_froze_stays_frozen() -> None:
    """It is theirs to let go."""
    gc.freeze()
    frozen = gc.get_freeze_count()
    with without_collections():
        pass
    assert gc.get_freeze_count() == frozen
