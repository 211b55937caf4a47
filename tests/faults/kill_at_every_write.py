"""Kills a short training at every write of its checkpoints, and resumes each in a fresh process.

``python tests/faults/kill_at_every_write.py`` prints the table of ``docs/faults.md``;
``--write`` puts it there, ``--every N`` kills at every N-th write alone.

Processes are forked from one that has loaded Keras and done nothing with it.
"""

import argparse
import json
import os
import re
import signal
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from writes import Events

from dryfit import play
from dryfit.lanes.networks import small_network
from dryfit_fakes.backend import keras

EPOCHS, BATCHES = 3, 2
METRICS = {"loss": "1 .9 .8", "val_loss": ".9 .5 .4"}
PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
BEGIN, END = "<!-- kill at every write: begin -->\n", "<!-- kill at every write: end -->\n"


def _backup(**arguments: Any) -> list[Any]:
    return [keras.callbacks.BackupAndRestore("backup", **arguments)]


def _saving(path: str, **arguments: Any) -> list[Any]:
    return [keras.callbacks.ModelCheckpoint(path, save_weights_only=True, **arguments)]


CASES: dict[str, Callable[[], list[Any]]] = {
    "BackupAndRestore": _backup,
    "BackupAndRestore(double_checkpoint=True)": lambda: _backup(double_checkpoint=True),
    "ModelCheckpoint(save_best_only=True)": lambda: _saving("best.weights.h5", save_best_only=True),
    "ModelCheckpoint, a file an epoch": lambda: _saving("{epoch}.weights.h5"),
}


WITH_OTHERS = "ModelCheckpoint, a file an epoch"  # where there are other files to load


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        killed: whether a signal ended it.
        told: what it found out, as a dict; empty if it was killed.
    """

    killed: bool
    told: dict[str, Any]


def in_a_process(work: Callable[[], dict[str, Any]]) -> Ended:
    """Call a function in a process of its own, and return what it returns."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        try:
            told = work()
        except BaseException as error:
            told = {"error": type(error).__name__, "message": str(error)}
        os.write(write, json.dumps(told).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return Ended(killed, json.loads(text) if text else {})


def train(folder: Path, case: str, kill_at: int | None, **options: Any) -> Ended:
    """Train with a case's callbacks in a folder, from what is there."""

    def work() -> dict[str, Any]:
        os.chdir(folder)
        callbacks = CASES[case]()
        events = Events(str(folder), kill_at)
        events.watch()
        model, data = small_network()
        model.run_eagerly = True  # a process would trace its functions for six batches
        lent = {"model": model, "data": (data.x, data.y)}
        run = play(METRICS, callbacks, lane="real", batches=BATCHES, **lent, **options)
        weights = b"".join(array.tobytes() for array in run.model.get_weights())
        assert run.weights is not None
        return {
            "epochs": list(run.epochs),
            "trained": run.weights.trained_batches,
            "checksum": zlib.crc32(weights),
            "events": events.names,
        }

    return in_a_process(work)


def resume(folder: Path, case: str) -> dict[str, Any]:
    """Go on as the documentation says: a backup by itself, a file by loading the newest whole one.

    Where every epoch has a file and none is whole, none was promised: the training begins anew.
    """
    if case.startswith("BackupAndRestore"):
        return train(folder, case, None).told
    for file in sorted(folder.glob("*.weights.h5"), reverse=True):
        begun = _epochs_done(file, case)
        told = train(folder, case, None, load=str(file), initial_epoch=begun).told
        if "error" not in told or case != WITH_OTHERS:
            return told
    return train(folder, case, None).told


def _epochs_done(file: Path, case: str) -> int:
    """How many epochs are in a file: its name says it, or its weights, as a log would."""
    if case == WITH_OTHERS:
        return int(file.name[0])
    from dryfit.scenario.files_of_run import weights_in

    epoch = weights_in(file).epoch
    return 0 if epoch is None else epoch + 1


def outcome(told: dict[str, Any], whole: dict[str, Any], saved: int) -> str:
    """Say what became of a training that was killed after some saves were complete."""
    if "error" in told:
        return f"cannot go on: {told['error']}"
    if told["checksum"] == whole["checksum"] and told["trained"] == whole["trained"]:
        if saved and told["epochs"] == whole["epochs"]:
            return "starts over"
        return "right"
    if told["trained"] > whole["trained"]:
        return "trains batches twice"
    return "ends with weights that were not trained" if not told["trained"] else "other weights"


def saves_before(events: list[str], kill_at: int, case: str) -> int:
    """How many saves are complete before an event; none once the backup is being removed."""
    last = "training_metadata.json" if case.startswith("Backup") else ".weights.h5"
    before = events[:kill_at]
    if any(event.startswith(("remove", "rmdir")) for event in events[: kill_at + 1]):
        return 0
    writing = [e for e in before if e.startswith("write") and e.endswith(last)]
    if case.startswith("Backup"):
        return len(writing)
    opened = [e for e in before if e.startswith("open")]
    return max(len(opened) - 1, 0)


def tried(case: str, every: int = 1) -> tuple[int, Counter[str], dict[str, str]]:
    """Kill at every N-th event of a case.

    Returns:
        How many there were, how often each outcome came, and where it came first.
    """
    with tempfile.TemporaryDirectory() as name:
        whole = train(Path(name).resolve(), case, None).told
    events = whole["events"]
    outcomes: Counter[str] = Counter()
    where: dict[str, str] = {}
    points = range(0, len(events), every)
    for kill_at in points:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name).resolve()
            assert train(folder, case, kill_at).killed, events[kill_at]
            found = outcome(resume(folder, case), whole, saves_before(events, kill_at, case))
        outcomes[found] += 1
        where.setdefault(found, f"{events[kill_at]} ({kill_at})")
    return len(points), outcomes, where


def table(every: int = 1) -> str:
    """The outcomes of all cases as a Markdown table."""
    lines = ["| callback | kills | resumed right | lost |", "|---|--:|--:|---|"]
    for case in CASES:
        kills, outcomes, where = tried(case, every)
        right = outcomes.pop("right", 0)
        lost = "; ".join(
            f"{times} times: {what}, first before `{where[what]}`"
            for what, times in sorted(outcomes.items())
        )
        lines.append(f"| {case} | {kills} | {right} | {lost or 'nothing'} |")
        print(lines[-1], flush=True)
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the table, or put it on the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--every", type=int, default=1)
    asked = parser.parse_args()
    made = table(asked.every)
    if asked.write:
        page = PAGE.read_text(encoding="utf-8")
        page = re.sub(f"{BEGIN}.*?{END}", lambda _: BEGIN + made + END, page, flags=re.S)
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
