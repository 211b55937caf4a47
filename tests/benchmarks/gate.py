"""How often the gate of `dryfit bench --compare` cries wolf, and how often it sleeps.

    python tests/benchmarks/gate.py --runs 20

Each run is measured in a process of its own, while another process keeps a second
core busy, and every pair of runs is compared: the same code with itself, and with a
callback that does its work twice.
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from work import Computes, Idles

CALLBACKS = {"Idles": Idles, "Computes": Computes, "Twice": lambda: Computes(2)}


def measured() -> list[dict[str, Any]]:
    """Measure in this process."""
    from keras.callbacks import TerminateOnNaN

    from dryfit.tools.bench.bench_targets import Target
    from dryfit.tools.bench.measure import measure
    from dryfit.tools.bench.measure_settings import MeasureSettings

    makers = {**CALLBACKS, "TerminateOnNaN": TerminateOnNaN}
    targets = [Target(name, make) for name, make in makers.items()]
    settings = MeasureSettings(budget_s=1.0, growth=False)
    return [asdict(cost) for cost in measure(targets, settings)]


def in_a_process() -> tuple[Any, ...]:
    """Measure in another process."""
    from dryfit.tools.bench.cost import Cost

    result = subprocess.run(
        [sys.executable, __file__, "--once"],
        env={**os.environ, "KERAS_BACKEND": "jax"},  # imports fastest; no tensor is made
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(Cost(**row) for row in json.loads(result.stdout.splitlines()[-1]))


def fails(base: Any, head: Any) -> list[str]:
    """What the gate says of two runs."""
    from dryfit.tools.bench.compare import compare
    from dryfit.tools.bench.measurements import MeasuredRun

    runs = [[MeasuredRun(name, costs, {})] for name, costs in (("base", base), ("head", head))]
    return [failure for change in compare(*runs) for failure in change.failures]


def twice_as_slow(costs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The run in which the work is done twice, under its first name."""
    twice = [cost for cost in costs if cost.callback == "Twice"]
    return tuple(replace(cost, callback="Computes") for cost in twice)


def only(name: str, costs: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(cost for cost in costs if cost.callback == name)


def main() -> None:
    """Measure, and print how many pairs of runs the gate fails."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    if options.once:
        print(json.dumps(measured()))
        return
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    runs = []
    try:
        for number in range(options.runs):
            runs.append(in_a_process())
            print(f"run {number}: {summary(runs[-1])}", flush=True)
    finally:
        busy.kill()
    pairs = list(combinations(runs, 2))
    alarms = [failed for base, head in pairs if (failed := fails(base, head))]
    for failed in alarms:
        print("false alarm:", *failed)
    slower = [fails(only("Computes", base), twice_as_slow(head)) for base, head in pairs]
    print(
        f"{len(pairs)} pairs of {len(runs)} runs: {len(alarms)} false alarms, "
        f"{sum(map(bool, slower))} caught at twice the cost"
    )


def summary(costs: tuple[Any, ...]) -> str:
    """The callbacks as wholes, in microseconds."""
    whole = [cost for cost in costs if cost.hook is None]
    return ", ".join(f"{c.callback} {c.ns_per_batch / 1e3:.2f}" for c in whole)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
