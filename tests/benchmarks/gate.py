"""How often the gate of `dryfit bench --compare` cries wolf, and how often it sleeps.

    python tests/benchmarks/gate.py --pairs 50

Each side of a pair is measured in a process of its own, while another process keeps
a second core busy. The same code is compared with itself, and with a callback that
does its work twice.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from work import Computes, Idles

CALLBACKS = {"Idles": Idles, "Computes": Computes, "Twice": lambda: Computes(2)}


def measured() -> list[dict[str, Any]]:
    """Measure in this process."""
    from keras.callbacks import TerminateOnNaN

    from dryfit.bench.measure import Settings, measure
    from dryfit.bench.targets import Target

    makers = {**CALLBACKS, "TerminateOnNaN": TerminateOnNaN}
    targets = [Target(name, make) for name, make in makers.items()]
    settings = Settings(budget_s=0.3, growth=False)
    return [asdict(cost) for cost in measure(targets, settings)]


def in_a_process() -> tuple[Any, ...]:
    """Measure in another process."""
    from dryfit.bench.result import Cost

    result = subprocess.run(
        [sys.executable, __file__, "--once"], capture_output=True, text=True, check=True
    )
    return tuple(Cost(**row) for row in json.loads(result.stdout.splitlines()[-1]))


def fails(base: Any, head: Any) -> list[str]:
    """What the gate says of two runs."""
    from dryfit.bench.compare import compare
    from dryfit.bench.runs import Run

    runs = [[Run(name, costs, {})] for name, costs in (("base", base), ("head", head))]
    return [failure for change in compare(*runs) for failure in change.failures]


def twice_as_slow(costs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The run in which the work is done twice, under its first name."""
    twice = [cost for cost in costs if cost.callback == "Twice"]
    return tuple(replace(cost, callback="Computes") for cost in twice)


def only(name: str, costs: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(cost for cost in costs if cost.callback == name)


def main() -> None:
    """Measure pairs, and print how many of them the gate fails."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    if options.once:
        print(json.dumps(measured()))
        return
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    alarms: list[list[str]] = []
    caught = 0
    try:
        for pair in range(options.pairs):
            base, head = in_a_process(), in_a_process()
            alarms.append(fails(base, head))
            caught += bool(fails(only("Computes", base), twice_as_slow(head)))
            print(f"{pair + 1}: {alarms[-1] or 'quiet'}, {caught} caught", flush=True)
    finally:
        busy.kill()
    false = sum(bool(failed) for failed in alarms)
    print(f"{options.pairs} pairs: {false} false alarms, {caught} caught at twice the cost")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
