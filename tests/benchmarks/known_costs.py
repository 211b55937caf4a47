"""Whether `dryfit bench` finds a cost that is known, or says that it is too busy to tell.

    python tests/benchmarks/known_costs.py --runs 20
    python tests/benchmarks/known_costs.py --runs 20 --beside 8

Each run is a process of its own, beside so many that never rest. A callback works for 5, 50 and
500 us a batch by the processor's clock, which other work does not move. What it takes in all, with
the last look at that clock, is timed by calling its hook alone. Within 10 % of that an answer is
right; the status is 1 if one is wrong.
"""

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from keras.callbacks import Callback

COSTS_US = (5, 50, 500)
NEAR = 0.1
LIMIT_S = 120


class BurnsProcessor(Callback):  # type: ignore[misc]
    """Works for a time in every batch that is its own, whatever else the machine does."""

    def __init__(self, us: float) -> None:
        super().__init__()
        self.ns = int(us * 1000)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        until = time.thread_time_ns() + self.ns
        while time.thread_time_ns() < until:
            pass


def measured(us: float) -> str:
    """Measure in this process: microseconds, or why there are none; and what is right."""
    from dryfit.tools.bench.bench_targets import Target
    from dryfit.tools.bench.measure import measure
    from dryfit.tools.bench.measure_settings import MeasureSettings

    target = Target("BurnsProcessor", lambda: BurnsProcessor(us))
    cost = next(measure([target], MeasureSettings(growth=False)))
    right = f"{alone_us(us):.2f}"
    if cost.ns_per_batch is not None:
        return f"{cost.ns_per_batch / 1e3:.2f};{right}"
    return f"{'too busy' if cost.too_busy else cost.note};{right}"


def alone_us(us: float) -> float:
    """What a call of the hook takes of the processor, by itself: the least of many rounds."""
    callback, calls, rounds = BurnsProcessor(us), 100, []
    for _ in range(50):
        begin = time.thread_time_ns()
        for batch in range(calls):
            callback.on_train_batch_end(batch, {})
        rounds.append(time.thread_time_ns() - begin)
    return min(rounds) / calls / 1e3


def in_a_process(us: float) -> str:
    """Measure in another process."""
    try:
        result = subprocess.run(
            [sys.executable, __file__, "--once", str(us)],
            env={**os.environ, "KERAS_BACKEND": "jax"},  # imports fastest; no tensor is made
            capture_output=True,
            text=True,
            check=True,
            timeout=LIMIT_S,
        )
    except subprocess.TimeoutExpired:  # so busy that Keras alone takes longer to import
        return f"no answer in {LIMIT_S} s;nan"
    return result.stdout.splitlines()[-1]


def verdict(answer: str) -> str:
    """Say whether an answer is right."""
    found, right = answer.split(";")
    try:
        return "right" if abs(float(found) - float(right)) <= NEAR * float(right) else "wrong"
    except ValueError:
        return found


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep so many processes at work."""
    endless = [sys.executable, "-c", "while True: pass"]
    loops = [subprocess.Popen(endless) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def main() -> int:
    """Print each answer, and how many were right."""
    parser = argparse.ArgumentParser(description=Path(__file__).name)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--beside", type=int, default=0, metavar="N", help="busy loops")
    parser.add_argument("--once", type=float)
    options = parser.parse_args()
    if options.once is not None:
        print(measured(options.once))
        return 0
    wrong = 0
    with busy(options.beside):
        for us in COSTS_US:
            count: Counter[str] = Counter()
            for run in range(options.runs):
                answer = in_a_process(us)
                count[verdict(answer)] += 1
                found, right = answer.split(";")
                print(f"{us} us, run {run}: {found}, alone {right}: {verdict(answer)}", flush=True)
            told = ", ".join(f"{number} {word}" for word, number in sorted(count.items()))
            print(f"{us} us: {told}, of {options.runs}", flush=True)
            wrong += count["wrong"]
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
