"""docs/time.md: what it says of each function is what the function does."""

import asyncio
import calendar
import logging
import os
import queue
import re
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from time import monotonic as now
from time import sleep as nap
from typing import Any

import numpy as np
import pytest

from dryfit_fakes.clock import VirtualClock

PAGE = (Path(__file__).parents[2] / "docs" / "time.md").read_text(encoding="utf-8")
DAY = 86400
PUT_AWAY = (time.time, time.sleep)


def _log_time() -> float:
    return logging.LogRecord("a", 1, "b", 1, "c", (), None).created


def _loop_time() -> float:
    loop = asyncio.new_event_loop()
    loop.close()
    return loop.time()


# Each gives a number of days.
READS: dict[str, Callable[[], Any]] = {
    "time.time": lambda: time.time() / DAY,
    "time.monotonic": lambda: time.monotonic() / DAY,
    "time.perf_counter": lambda: time.perf_counter() / DAY,
    "time.time_ns": lambda: time.time_ns() / DAY / 1e9,
    "time.monotonic_ns": lambda: time.monotonic_ns() / DAY / 1e9,
    "time.perf_counter_ns": lambda: time.perf_counter_ns() / DAY / 1e9,
    "time.localtime": lambda: calendar.timegm(time.localtime()) / DAY,
    "time.gmtime": lambda: calendar.timegm(time.gmtime()) / DAY,
    "time.strftime": lambda: (
        datetime.strptime(time.strftime("%Y-%m-%d"), "%Y-%m-%d").timestamp() / DAY
    ),
    "datetime.now": lambda: datetime.now().timestamp() / DAY,
    "datetime.utcnow": lambda: datetime.utcnow().timestamp() / DAY,
    "date.today": lambda: date.today().toordinal(),
    "logging": lambda: _log_time() / DAY,
    "time.process_time": lambda: time.process_time() / DAY,
    "time.thread_time": lambda: time.thread_time() / DAY,
    "time.clock_gettime": lambda: time.clock_gettime(time.CLOCK_MONOTONIC) / DAY,
    "time.ctime": lambda: datetime.strptime(time.ctime(), "%c").timestamp() / DAY,
    "os.times": lambda: os.times().elapsed / DAY,
    'numpy.datetime64("now")': lambda: np.datetime64("now").astype(float) / DAY,
    "os.stat": lambda: (Path("a").touch(), os.stat("a").st_mtime)[1] / DAY,
    "asyncio": lambda: _loop_time() / DAY,
}


def _condition() -> None:
    with (condition := threading.Condition()):
        condition.wait(0.01)


def _lock() -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire(timeout=0.01)


def _queue() -> None:
    with pytest.raises(queue.Empty):
        queue.Queue().get(timeout=0.01)


WAITS: dict[str, Callable[[], Any]] = {
    "time.sleep": lambda: time.sleep(0.01),
    "threading.Event.wait": lambda: threading.Event().wait(0.01),
    "threading.Condition.wait": _condition,
    "threading.Lock.acquire": _lock,
    "queue.Queue.get": _queue,
    "select.select": lambda: select.select([], [], [], 0.01),
    "asyncio.sleep": lambda: asyncio.run(asyncio.sleep(0.01)),
    "subprocess.run": lambda: subprocess.run([sys.executable, "-c", ""], timeout=60),
}


def named(row: str) -> tuple[list[str], list[str]]:
    """What the page's table has in a row: on the clock, and real."""
    (cells,) = re.findall(rf"^\| {row} \| (.*) \| (.*) \|$", PAGE, re.M)
    scripted, real = (re.findall(r"`([^`]+)`", cell) for cell in cells)
    return scripted, real


def test_the_table_names_what_is_tried_here() -> None:
    """No more and no less."""
    assert [*named("reading it")[0], *named("reading it")[1]] == list(READS)
    assert [*named("waiting")[0], *named("waiting")[1]] == list(WAITS)


@pytest.mark.filterwarnings("ignore:.*utcnow:DeprecationWarning")
@pytest.mark.parametrize("name", READS)
def test_a_day_that_passes_is_seen_on_the_clock_alone(
    name: str, virtual_clock: VirtualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more day in the left column, next to nothing in the right."""
    monkeypatch.chdir(tmp_path)
    before = READS[name]()
    virtual_clock.tick(DAY)
    passed = READS[name]() - before
    assert passed == pytest.approx(int(name in named("reading it")[0]), abs=0.1)


@pytest.mark.parametrize("name", WAITS)
def test_only_sleep_moves_the_clock(name: str, virtual_clock: VirtualClock) -> None:
    """By as much as it would have waited; everything else leaves it alone."""
    WAITS[name]()
    assert virtual_clock.elapsed_s == (0.01 if name in named("waiting")[0] else 0)


def test_names(virtual_clock: VirtualClock) -> None:
    """Reading is found under any name of a module, sleep under its own alone."""
    before = now()
    nap(0.01)
    assert (now() - before, virtual_clock.elapsed_s) == (0, 0)
    virtual_clock.tick(5)
    assert now() - before == 5


def test_what_was_put_away_before(virtual_clock: VirtualClock) -> None:
    """The real clock, and a sleep that waits; an attribute of what is made later is not."""
    read, sleep = PUT_AWAY
    sleep(0.01)
    assert virtual_clock.elapsed_s == 0
    assert read() - time.time() > 365 * DAY


def test_a_thread_may_read_either(virtual_clock: VirtualClock) -> None:
    """Directly the real one, some calls deep this one."""
    seen = []

    def look(depth: int) -> None:
        if depth:
            look(depth - 1)
        else:
            seen.append(time.gmtime().tm_year == 2000)

    for depth in (0, 8):
        thread = threading.Thread(target=look, args=[depth])
        thread.start()
        thread.join()
    assert seen == [False, True]
