"""Sweep one grid in every way there is, break each off, and report. Run it as a script.

However it is done, the answer is the same: with one process and two, in shards that are
merged, on a cluster of processes, after a worker was killed, after Ctrl-C at five moments,
and on a disk that takes nothing more.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil

OWN = """\
import keras


class Own(keras.callbacks.EarlyStopping):
    pass
"""
PLAYED = "own_stopping:Own: {patience: 1..8, min_delta: 0|.01}"
EPOCHS = 200
INTERRUPTS = 5


class Sweeps:
    """A folder with curves and a callback whose plays take some seconds.

    Args:
        folder: an empty one.
        curves: how many, of so many epochs that a few make a chunk.
    """

    def __init__(self, folder: Path, curves: int = 60) -> None:
        self.folder = folder
        draw = np.random.default_rng(0)
        falls = 1 / np.arange(1, EPOCHS + 1) + 0.02 * draw.normal(size=(curves, EPOCHS))
        lines = [f"{c},{e},{falls[c, e]:.4f}" for c in range(curves) for e in range(EPOCHS)]
        text = "\n".join(["curve,epoch,val_loss", *lines]) + "\n"
        (folder / "curves.csv").write_text(text, encoding="utf-8")
        (folder / "own_stopping.py").write_text(OWN, encoding="utf-8")

    def start(self, *arguments: str, limit: int | None = None) -> "subprocess.Popen[str]":
        """Start a sweep, whose files may have at most so many bytes."""
        command = ["-m", "dryfit", "sweep", *arguments, "--format", "json"]
        if limit is not None:
            code = (
                "import resource, runpy, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)"
                f"; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
                "; sys.argv[0] = 'dryfit'; runpy.run_module('dryfit', run_name='__main__')"
            )
            command = ["-c", code, *command[2:]]
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def asked(self, *more: str) -> list[str]:
        """The arguments that are the same for all."""
        return ["curves.csv", "--with", PLAYED, *more]

    def answer(self, *arguments: str, limit: int | None = None) -> dict[str, Any]:
        """Sweep to the end; what is said, but for how long it took."""
        return answer_of(self.start(*arguments, limit=limit))

    def kept(self) -> int:
        """How many chunks are finished and kept."""
        return len(list(self.folder.glob(".dryfit/sweep/*/*.npz")))

    def until_kept(self, process: "subprocess.Popen[str]", chunks: int) -> None:
        """Wait until so many chunks are kept, or it has ended."""
        while self.kept() < chunks and process.poll() is None:
            time.sleep(0.01)


def answer_of(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """What a sweep says that must have succeeded."""
    out, err = process.communicate()
    if process.returncode:
        raise SystemExit(f"ended with {process.returncode}: {err}")
    told: dict[str, Any] = json.loads(out)
    del told["seconds"]
    return told


def in_shards(sweeps: Sweeps) -> dict[str, Any]:
    """Three shards, merged."""
    parts = [f"part-{number}.parquet" for number in (1, 2, 3)]
    for number, part in enumerate(parts, 1):
        sweeps.answer(*sweeps.asked("--shard", f"{number}/3", "--out", part, "--jobs", "1"))
    return sweeps.answer("--merge", *parts)


def on_a_cluster(sweeps: Sweeps) -> dict[str, Any]:
    """Two processes of dask's, which must find the callback's module."""
    from distributed import LocalCluster

    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(sweeps.folder), os.environ.get("PYTHONPATH")])
    )
    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        return sweeps.answer(*sweeps.asked("--dask", cluster.scheduler_address))


def with_a_dead_worker(sweeps: Sweeps) -> dict[str, Any]:
    """One of two workers is killed when the first chunk is there."""
    process = sweeps.start(*sweeps.asked("--jobs", "2"))
    sweeps.until_kept(process, 1)
    workers = [
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if "LokyProcess" in " ".join(child.cmdline())
    ]
    if not workers:
        raise SystemExit("no worker to kill: the sweep was over too soon")
    workers[0].kill()
    return answer_of(process)


def interrupted(sweeps: Sweeps) -> dict[str, Any]:
    """Ctrl-C before anything is finished and behind each of some chunks; each goes on."""
    for chunks in range(INTERRUPTS):
        process = sweeps.start(*sweeps.asked("--jobs", "2"))
        if chunks:
            sweeps.until_kept(process, chunks)
        else:
            time.sleep(1)
        before = sweeps.kept()
        process.send_signal(signal.SIGINT)
        process.communicate()
        if process.returncode != 130 or sweeps.kept() < before or before < chunks:
            raise SystemExit(f"interrupted behind {chunks} chunks: {process.returncode}")
    return sweeps.answer(*sweeps.asked("--jobs", "2"))


def on_a_full_disk(sweeps: Sweeps) -> dict[str, Any]:
    """Nothing can be kept; that is a note, and the answer stands."""
    told = sweeps.answer(*sweeps.asked("--jobs", "1"), limit=8)  # as much as tempfile tries
    kept = [note for note in told["notes"] if note.startswith("what is finished is not kept")]
    if len(kept) != 1:
        raise SystemExit(f"a full disk is not told once: {told['notes']}")
    told["notes"] = [note for note in told["notes"] if note not in kept]
    return told


WAYS: dict[str, Callable[[Sweeps], dict[str, Any]]] = {
    "two processes": lambda sweeps: sweeps.answer(*sweeps.asked("--jobs", "2")),
    "three shards, merged": in_shards,
    "a cluster of two processes": on_a_cluster,
    "a worker killed": with_a_dead_worker,
    "Ctrl-C at five moments": interrupted,
    "a full disk": on_a_full_disk,
}


def main(ways: list[str]) -> int:
    """Print a line for each way; 0 if all say the same."""
    different = 0
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in a shell's background
        signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as name:
        sweeps = Sweeps(Path(name))
        one = sweeps.answer(*sweeps.asked("--jobs", "1"))
        for way in ways or WAYS:
            start = time.perf_counter()
            same = WAYS[way](sweeps) == one and not sweeps.kept()
            different += not same
            took = time.perf_counter() - start
            print(f"{'same' if same else 'OTHER'}  {way}, {took:.0f} s", flush=True)
    return int(bool(different))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
