"""Interrupt each command at random moments, and report. Run it as a script.

Each has to end within two seconds with 130 or 143 (pytest with 2, or by the signal), or with
the status that it had come to; to leave no process and no temporary folder; and every file
is what it was, or what the command makes of it when nobody interrupts it.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STOPS = "EarlyStopping: {patience: 1..9}"
SWEPT = ("--with", "EarlyStopping: {patience: 1..40, monitor: loss}", "--out", "cells.parquet")
DRYFIT = ("-m", "dryfit")
CACHED = ("--cache", "cache")
COMMANDS = {
    "run": (*DRYFIT, "run", ".", "--report", "page.html"),
    "run both": (*DRYFIT, "run", ".", "--lane", "both"),
    "trace": (*DRYFIT, "trace", "a.scenario.yaml", "--lane", "real", "--plot", "plot.svg"),
    "accept": (*DRYFIT, "accept", "b.scenario.yaml"),
    "record": (*DRYFIT, "record", "--from", "history.csv", "--out", "recorded.scenario.yaml"),
    "check": (*DRYFIT, "check", "CSVLogger: {filename: a.csv}", "--scenarios", "found"),
    "bench": (*DRYFIT, "bench", "EarlyStopping"),
    "explore": (*DRYFIT, "explore", "EarlyStopping", "--examples", "50"),
    "mutate": (*DRYFIT, "mutate", "mine:Stops", "a.scenario.yaml"),
    "replay": (*DRYFIT, "replay", "a.scenario.yaml", "--with", STOPS),
    "sweep": (*DRYFIT, "sweep", "history.csv", "--engine", "callbacks", "--jobs", "2", *SWEPT),
    "together": (*DRYFIT, "together", "EarlyStopping", "ReduceLROnPlateau"),
    "matrix": (*DRYFIT, "matrix", ".", "--keras", "3.11", *CACHED),
    "migrate": (*DRYFIT, "migrate", "a.scenario.yaml", "--from", "tf_keras:2.15", *CACHED),
    "schema": (*DRYFIT, "schema"),
    "demo": (*DRYFIT, "demo"),
    "pytest": ("-m", "pytest", "-q", "-p", "no:cacheprovider", "."),
}
# Their environments are never made here, so that they come to no end.
ENDLESS = ("matrix", "migrate")
# Files of these tell the time, or were drawn.
UNLIKE = (".html", ".svg", ".csv", ".json", ".parquet")
ENDS_BYTES = 4  # of a file, which are the same in each of its kind
ASIDE = ("temporary", "cache", ".dryfit")  # what is kept to go on from is no file of the user's
SCENARIO = """\
name: NAME
script: {batches: 20, metrics: {loss: 1x50, val_loss: 1x50}}
callbacks: [{EarlyStopping: {patience: 60}}, {"mine:Stops": {epoch: 40}}]
"""
MINE = """\
import keras


class Stops(keras.callbacks.Callback):
    def __init__(self, epoch=2):
        super().__init__()
        self.epoch = epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch >= self.epoch:
            self.model.stop_training = True
"""
TESTS = """\
from keras.callbacks import EarlyStopping


def test_it(scripted_fit, check_callback):
    assert scripted_fit({"val_loss": "1x50"}, callbacks=[EarlyStopping(patience=3)]).epochs_run == 4
    check_callback(EarlyStopping, patience=3)
"""
UV = "#!/bin/sh\nsleep 600\n"  # no index is asked, and nothing is installed


@dataclass(frozen=True)
class InterruptedCommand:
    """How a command ended that was interrupted.

    Attributes:
        after_s: when the signal was sent.
        took_s: how long it took from there to its end.
        status: of the command.
        told: the last line on stderr.
        left: processes and folders that were there behind it.
        torn: files that are neither old nor new.
    """

    after_s: float
    took_s: float
    status: int
    told: str
    left: tuple[str, ...]
    torn: tuple[str, ...]


class Work:
    """A folder in which a command works, and what it makes there when it comes to its end.

    Args:
        name: of the command.
        ends: whether it is let come to its end once; else it is said to make nothing.
    """

    def __init__(self, name: str, *, ends: bool = True) -> None:
        self.name = name
        if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in a shell's background
            signal.signal(signal.SIGINT, signal.default_int_handler)
        with tempfile.TemporaryDirectory() as folder:
            _write(Path(folder))
            self._old = _files(Path(folder))
            began = time.monotonic()
            if ends:
                self._run(Path(folder)).wait()
            self.takes_s = time.monotonic() - began if ends else 10.0
            self._new = _files(Path(folder))

    def interrupt(self, number: int, after_s: float) -> InterruptedCommand:
        """Start the command, send it a signal, and wait for its end."""
        with tempfile.TemporaryDirectory() as name, tempfile.TemporaryFile("w+") as errors:
            folder = Path(name)
            _write(folder)
            process = self._run(folder, errors)
            try:
                process.wait(after_s)
            except subprocess.TimeoutExpired:
                process.send_signal(number)
            began = time.monotonic()
            status = process.wait(60)
            took_s = time.monotonic() - began
            errors.seek(0)
            told = (errors.read().splitlines() or [""])[-1]
            time.sleep(0.3)
            left = (*_folders(folder / "temporary"), *_processes(folder / "temporary"))
            torn = tuple(self._torn(_files(folder)))
        return InterruptedCommand(after_s, took_s, status, told, left, torn)

    def is_fine(self, came: InterruptedCommand, number: int) -> bool:
        """Whether it ended as it has to, however long that took."""
        statuses = {0, 1, 3, 128 + number, -number}  # the last before Python had read the command
        if self.name == "pytest":
            statuses = {0, 1, 2, -signal.SIGTERM, -number}
        return came.status in statuses and not came.left and not came.torn

    def _run(self, folder: Path, errors: object = subprocess.DEVNULL) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *COMMANDS[self.name]],
            cwd=folder,
            env={
                **os.environ,
                "TMPDIR": str(folder / "temporary"),
                "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
                "PYTHONDONTWRITEBYTECODE": "1",
                "XDG_CACHE_HOME": str(folder / "temporary"),
            },
            stdout=subprocess.DEVNULL,
            stderr=errors,  # type: ignore[call-overload]
            start_new_session=True,
        )

    def _torn(self, files: dict[str, bytes]) -> Iterator[str]:
        for name, content in files.items():
            if name not in self._new:
                yield f"{name} is nobody's"
            elif name.endswith(UNLIKE):
                ends = content[-ENDS_BYTES:] == self._new[name][-ENDS_BYTES:]
                if not ends and content != self._old.get(name):
                    yield f"{name} is cut"
            elif content not in (self._new[name], self._old.get(name)):
                yield name
        yield from (f"{name} is lost" for name in self._old if name not in files)


def _write(folder: Path) -> None:
    """Write what the commands play."""
    for name in ("temporary", "bin"):
        (folder / name).mkdir()
    for name, epochs in (("a", 41), ("b", 1)):
        text = SCENARIO.replace("NAME", name) + f"expect: {{epochs_run: {epochs}}}\n"
        (folder / f"{name}.scenario.yaml").write_text(text)
    (folder / "mine.py").write_text(MINE)
    (folder / "test_it.py").write_text(TESTS)
    rows = "".join(f"{n},{1 / (n + 1):.4f}\n" for n in range(2000))
    (folder / "history.csv").write_text(f"epoch,loss\n{rows}")
    (folder / "bin" / "uv").write_text(UV)
    (folder / "bin" / "uv").chmod(0o755)


def _files(folder: Path) -> dict[str, bytes]:
    """All files, but for those of the folders aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in ASIDE
    }


def _folders(temporary: Path) -> list[str]:
    return [path.name for path in temporary.glob("dryfit-*")]


def _processes(temporary: Path) -> list[str]:
    """The processes that a command has left, in whatever session: they know its folder."""
    found, told = [], f"TMPDIR={temporary}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if told in (process / "environ").read_bytes().split(b"\0"):
                found.append(f"process {process.name}")
        except OSError:
            continue
    return found


def main() -> None:
    """Interrupt, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=25)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("commands", nargs="*", default=list(COMMANDS))
    options = parser.parse_args()
    moments = random.Random(options.seed)
    bad = 0
    for name in options.commands:
        work, longest_s, worse = Work(name, ends=name not in ENDLESS), 0.0, 0
        for _ in range(options.moments):
            number = moments.choice((signal.SIGINT, signal.SIGTERM))
            came = work.interrupt(number, moments.uniform(0.0, work.takes_s))
            fine = work.is_fine(came, number) and came.took_s < 2.0
            worse += not fine
            longest_s = max(longest_s, came.took_s)
            print(f"{'ok ' if fine else 'BAD'} {name}: {number.name} {came}", flush=True)
        print(f"{name}: {options.moments} moments, {worse} bad, {longest_s:.2f} s at most")
        bad += worse
    print(f"{bad} bad")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
