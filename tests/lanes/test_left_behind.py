"""What goes on after its callbacks are done with, and who is to wait for it."""

import threading

import pytest

from dryfit.lanes import left_behind
from dryfit.lanes.left_behind import LeftBehind


@pytest.mark.parametrize("daemon", [True, False])
def test_a_thread_is_left_behind_if_python_waits_for_it(
    daemon: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not for a daemon's, and has no time for one to end."""
    monkeypatch.setattr(left_behind, "_GRACE_S", 0.01)
    left, done = LeftBehind(), threading.Event()
    thread = threading.Thread(target=done.wait, name="waits", daemon=daemon)
    thread.start()
    try:
        found = left.found()
    finally:
        done.set()
        thread.join()
    assert (found is None) is daemon
    assert daemon or str(found).startswith("the thread 'waits' goes on after the last call")
