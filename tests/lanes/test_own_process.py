"""A job in a process of its own ends however it likes, and whoever asked goes on."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dryfit.lanes import own_process as apart_module
from dryfit.lanes.own_process import Apart, ProcessEnded

Tell = Callable[[str], None]


def trains(tell: Tell) -> None:
    import keras
    import numpy as np

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.zeros((2, 1)), np.zeros((2, 1)), verbose=0)
    tell("trained")


def tells_where(tell: Tell) -> None:
    tell(os.getcwd())
    tell(os.environ["APART"])


def ends_python(tell: Tell) -> None:
    tell("begun\nand told")
    os._exit(3)


def raises(tell: Tell) -> None:
    raise SystemExit("enough")


def crashes(tell: Tell) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def waits(tell: Tell) -> None:
    tell("waiting")
    time.sleep(600)


def leaves_a_thread(tell: Tell) -> None:
    threading.Thread(target=time.sleep, args=(600,)).start()
    tell("left")


def floods(tell: Tell) -> None:
    while True:
        print("x" * 10_000)


def leaves_a_process(tell: Tell) -> None:
    tell(str(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid))


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    with Apart("dryfit_fakes.backend", "pytest") as made:
        yield made


def done(
    apart: Apart, job: Callable[..., None], **options: object
) -> tuple[ProcessEnded, list[str]]:
    heard: list[str] = []
    ended = apart.run(f"{__name__}:{job.__name__}", hear=heard.append, **options)  # type: ignore[arg-type]
    return ended, heard


def test_keras_trains_in_it(apart: Apart) -> None:
    """What was forked can do all that a Python of its own can; twice, as the first is no other."""
    assert done(apart, trains) == (ProcessEnded(0), ["trained"])
    assert done(apart, trains) == (ProcessEnded(0), ["trained"])


def test_it_is_where_the_caller_is(
    apart: Apart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The working directory and the environment are those of the call, not of the server."""
    monkeypatch.chdir(tmp_path)
    got = done(apart, tells_where, environment={"APART": "yes"})
    assert got == (ProcessEnded(0), [str(tmp_path), "yes"])


def test_how_it_ends_is_told(apart: Apart) -> None:
    """Ending Python, a crash and a thread that goes on: the next job is not touched."""
    assert done(apart, ends_python) == (ProcessEnded(3), ["begun\nand told"])
    assert done(apart, crashes) == (ProcessEnded(-signal.SIGSEGV), [])
    assert done(apart, leaves_a_thread) == (ProcessEnded(0), ["left"])
    ended, heard = done(apart, raises)
    assert (ended.status, ended.output.splitlines()[-1], heard) == (1, "SystemExit: enough", [])


def test_what_does_not_end_is_ended(apart: Apart) -> None:
    """By silence, and by output."""
    ended, heard = done(apart, waits, silence_s=1.0)
    assert (ended, heard) == (ProcessEnded(-9, "it told nothing for 1 s"), ["waiting"])
    ended, heard = done(apart, floods, output_bytes=1_000_000)
    assert (ended.status, ended.cut, heard) == (-9, "it printed more than 1 MB", [])
    assert len(ended.output) == 4_000


def test_what_it_started_is_ended_too(apart: Apart) -> None:
    """The whole group of processes goes with the job."""
    _, (process,) = done(apart, leaves_a_process)
    for _ in range(500):
        state = Path(f"/proc/{process}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return
        time.sleep(0.01)
    raise AssertionError(f"process {process} is still there")


def test_where_there_is_no_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new Python for each job: the same, and slower."""
    monkeypatch.setattr(apart_module, "_FORKS", False)
    with Apart("json") as slow:
        assert done(slow, ends_python) == (ProcessEnded(3), ["begun\nand told"])
        assert done(slow, leaves_a_thread) == (ProcessEnded(0), ["left"])
        ended, heard = done(slow, waits, silence_s=5.0)
        assert (ended, heard) == (ProcessEnded(-9, "it told nothing for 5 s"), ["waiting"])


def test_what_cannot_be_imported_is_said() -> None:
    """No Keras, no jobs: the reason is the import's."""
    with Apart("no_such_module") as none, pytest.raises(ImportError, match="'no_such_module'"):
        done(none, trains)


def test_a_server_that_ended_before_its_first_job_is_replaced() -> None:
    """A callback may have ended all children of its process meanwhile."""
    with Apart("json") as made:
        made.begin()
        assert made._server is not None
        process = made._server._process
        made._server.wait_until_ready()
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        heard: list[str] = []
        ended = made.run("dryfit.lanes.own_process:say", "told", hear=heard.append)
    assert (ended.status, heard) == (0, ["told"])
