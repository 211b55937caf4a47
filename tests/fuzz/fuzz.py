"""Damages the inputs of every reader, and asserts that each is read, or refused in a line.

``python tests/fuzz/fuzz.py --seed 1 --seconds 60`` tries every door in turn; ``--count N``
tries N inputs of each. No input may end in a traceback or an exit status that is none, take
longer than ten seconds, lose a file, or be refused without its name. What is found is kept
in ``build/fuzz``, a folder each, and the status is 1.

Inputs are tried in processes that are forked from one which has loaded everything: what kills
or hangs one costs a batch. An input is made of the seed, the door and its number alone.
"""

import argparse
import json
import os
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from command_lines import command_lines
from fuzz_doors import DOORS, fresh_folder

import dryfit_fakes  # noqa: F401  # before forks, for Keras to be loaded once

BATCH = 40
HANGS_S = 90  # by the clock: many times what `judged_command.SLOW_S` allows, on a busy machine
MEMORY_BYTES = 6_000_000_000
KEPT = Path("build/fuzz").resolve()
ALL = DOORS | {"commands": command_lines}


@dataclass(frozen=True)
class Finding:
    """An input that did not end as it should."""

    door: str
    number: int
    what: str


def tried(seed: str, door: str, numbers: range) -> Iterator[Finding | int]:
    """Try inputs of a door in a process of its own; yield each number, and what was found."""
    with tempfile.TemporaryDirectory(prefix="dryfit-fuzz-", ignore_cleanup_errors=True) as name:
        left = yield from _tried_in(Path(name).resolve() / "tried", seed, door, numbers)
    if left:
        yield from tried(seed, door, left)


def _tried_in(
    folder: Path, seed: str, door: str, numbers: range
) -> Generator[Finding | int, None, range]:
    """Try inputs until one hangs or ends the process; return those that are left."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            _try_all(folder, seed, door, numbers, write)
        finally:
            os._exit(1)  # the parent's work is not a child's
    os.close(write)
    todo = list(numbers)
    try:
        while todo and (told := _line(read)):
            number, findings = json.loads(told)
            yield from (Finding(door, number, what) for what in findings)
            yield todo.pop(todo.index(number))
    finally:
        os.close(read)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if todo:
        ended = "hangs" if status == signal.SIGKILL else f"ended the process with {status}"
        yield Finding(door, todo[0], ended)
        yield todo.pop(0)
    return range(todo[0], todo[-1] + 1) if todo else range(0)


def _line(read: int) -> str:
    """A line of a pipe; empty at its end, or after too long."""
    told = b""
    while not told.endswith(b"\n"):
        if not select.select([read], [], [], HANGS_S)[0] or not (part := os.read(read, 1)):
            return ""
        told += part
    return told.decode()


def _try_all(folder: Path, seed: str, door: str, numbers: range, write: int) -> None:
    os.setsid()
    silent = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(silent, descriptor)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES, used + MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in numbers:
        fresh_folder(folder)
        try:
            findings = list(ALL[door](Random(f"{seed}/{door}/{number}")))
        except Exception:
            findings = [f"the fuzzer itself: {traceback.format_exc()}"]
        if findings:
            kept = KEPT / f"{door}-{seed}-{number}"
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(folder, kept, symlinks=True)
            (kept / "found.txt").write_text("\n".join(findings) + "\n", "utf-8", "replace")
        os.write(write, f"{json.dumps([number, findings])}\n".encode())


def main() -> int:
    """Try every door in turn, and print what is found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", default="0")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--count", type=int, help="of each door, in place of --seconds")
    parser.add_argument("--doors", nargs="+", choices=ALL, default=list(ALL))
    asked = parser.parse_args()
    os.environ["UV_OFFLINE"] = "1"
    os.environ.pop("CI", None)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as Ctrl-C: folders are removed
    counts: Counter[str] = Counter()
    found: list[Finding] = []
    ends = time.monotonic() + asked.seconds
    number = 0
    while number < asked.count if asked.count else time.monotonic() < ends:
        for door in asked.doors:
            upto = min(number + BATCH, asked.count or sys.maxsize)
            for told in tried(asked.seed, door, range(number, upto)):
                if isinstance(told, Finding):
                    found.append(told)
                    print(f"{door}-{asked.seed}-{told.number}: {told.what}", flush=True)
                else:
                    counts[door] += 1
        number += BATCH
    told = ", ".join(f"{count} {door}" for door, count in counts.items())
    print(f"seed {asked.seed}: {told}; {len(found) or 'nothing'} found")
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
