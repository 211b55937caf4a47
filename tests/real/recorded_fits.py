"""Records real fits of many callbacks, replays each file, and counts what became of them.

    python tests/real/recorded_fits.py [HOW MANY]

A file replays; or says in words what it leaves out, or that nobody replayed it, and replays;
or it contradicts itself, which none may.
"""

import os
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dryfit import Recorder, load_scenarios
from dryfit.judge.verdict import judge
from dryfit.scenario.construct import importable, make_callbacks
from dryfit.scenario.load import find_files

PACK = Path(__file__).parents[2] / "scenarios"
OWN = Path(__file__).parents[1] / "tools" / "record"
LEFT_OUT = ("left out", "not compared", "not replayed", "broken off", "unfinished")

Made = tuple[str, Path, tuple[tuple[str, dict[str, Any]], ...]]


def lists_of_callbacks() -> Iterator[Made]:
    """Each different list of callbacks in the pack, by the name of its scenario."""
    seen = set()
    for file in find_files([PACK]):
        for scenario in load_scenarios(file):
            if (text := repr(scenario.callbacks)) not in seen and scenario.callbacks:
                seen.add(text)
                yield f"{file.stem}::{scenario.slug}", file.parent, scenario.callbacks


def own_lists() -> Iterator[tuple[str, list[Any]]]:
    """Callbacks of one's own, of which a replay has some and not others."""
    sys.path.append(str(OWN))
    import own_callbacks

    for name, kind in vars(own_callbacks).items():
        is_own = isinstance(kind, type) and kind.__module__ == "own_callbacks"
        if is_own and name not in ("FailsAgain", "Once"):
            arguments = {"Limited": (0,), "WarmUp": (0.1,)}.get(name, ())
            yield name, [kind(*arguments), keras.callbacks.EarlyStopping("loss", patience=1)]


# Of each kind, one whose fit went through: TensorFlow traces a new one anew, for a second.
_kept: dict[tuple[bool, int], Any] = {}


def model(seed: int) -> Any:
    """A small one; every third with a schedule of its own, every fifth with long executions."""
    keras.utils.set_random_seed(seed)
    made = keras.Sequential([keras.Input((1,)), keras.layers.Dense(4), keras.layers.Dense(1)])
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 3, 0.7)
    rate: Any = schedule if seed % 3 == 2 else 0.05
    metrics = ["mae", "accuracy"]
    steps = _kind(seed)[1]
    made.compile(keras.optimizers.SGD(rate), "mse", metrics=metrics, steps_per_execution=steps)
    made.optimizer.build(made.trainable_variables)
    kept = _kept.pop(_kind(seed), made)
    for old, new in zip(_state(kept), _state(made), strict=True):
        old.assign(new)
    return kept


def _kind(seed: int) -> tuple[bool, int]:
    return seed % 3 == 2, 2 if seed % 5 == 4 else 1


def _state(made: Any) -> list[Any]:
    return [*made.variables, *made.optimizer.variables]


def recorded(callbacks: list[Any], file: Path, seed: int) -> None:
    """Record a real fit, however it ends."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(14, 1)).astype("float32")
    y = (x > 0).astype("float32")
    recorder = Recorder(callbacks, save=file, save_batches=bool(seed % 2), verify=bool(seed % 4))
    with suppress(Exception, KeyboardInterrupt), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = model(seed)
        made.fit(
            x, y, batch_size=4, epochs=6, verbose=0, callbacks=[recorder], validation_data=(x, y)
        )
        _kept[_kind(seed)] = made


def outcome(file: Path) -> tuple[str, str]:
    """What became of a recording, and why."""
    if not file.exists():
        return "no epoch began", ""
    text = file.read_text(encoding="utf-8")
    about = text.partition("script:")[0]
    (scenario,) = load_scenarios(file)
    verdict = judge(scenario, "fake")
    if not verdict.holds:
        why = [f"{f.what}: exp {f.expected}, got {f.got}" for f, _ in verdict.failures]
        return "contradicts itself", "; ".join([verdict.reason, *why]) + "\n" + text
    told = [line for line in about.splitlines() if any(word in line for word in LEFT_OUT)]
    return ("says what it leaves out" if told else "replays"), "; ".join(told)


def outcomes(most: int) -> Iterator[tuple[str, str, str]]:
    """Record and replay, one after the other: the name, what became of it, and why."""
    own: list[tuple[str, Path, Any]] = [(n, OWN, made) for n, made in own_lists()]
    pack = [(name, folder, items) for name, folder, items in lists_of_callbacks()]
    mine = own[: max(most // 4, 1)]
    every = max(1, len(pack) // max(1, most - len(mine)))
    for seed, (name, folder, items) in enumerate([*mine, *pack[::every]][:most]):
        with tempfile.TemporaryDirectory() as there, chdir(there), importable(folder):
            file = Path(there) / "run.scenario.yaml"
            with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
                with suppress(Exception):
                    plain = isinstance(items, list)
                    made = items if plain else [m() for m in make_callbacks(items, Path(there))]
                    recorded(made, file, seed)
                found = outcome(file)
            yield (name, *found)


if __name__ == "__main__":
    counts: Counter[str] = Counter()
    for name, became, why in outcomes(int(sys.argv[1]) if len(sys.argv) > 1 else 60):
        counts[became] += 1
        print(f"{name}: {became}{f' ({why})' if why else ''}", flush=True)
    print(dict(counts), f"{os.path.basename(sys.executable)}, keras {keras.__version__}")
    sys.exit(1 if counts["contradicts itself"] else 0)
