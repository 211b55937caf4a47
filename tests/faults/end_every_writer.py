"""Ends everything that writes a file at its every step: by a kill, an error, a disk that is full.

``python tests/faults/end_every_writer.py`` tries each step, ``--every N`` each N-th, and prints
what was tried and every file that was not whole. A small disk is tried where one can be mounted:
under ``unshare -rm``.

Processes are forked from one that has loaded Keras and trained nothing with it.
"""

import argparse
import errno
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from writers import WRITERS, Writer, files, put

from dryfit.scenario import whole_file

LIMITS = (0, 1, 100, 4096)
DISK_KB, FREE_KB = 256, (0, 4, 8, 12, 16, 20)
KILLED, UNWRITABLE = -signal.SIGKILL, 2


@dataclass(frozen=True)
class WriterEnded:
    """How a process that writes ended.

    Attributes:
        status: of the process.
        came: whether what was to end it did come.
        wrong: what it died of that nobody foresaw.
    """

    status: int
    came: bool
    wrong: str


def in_a_process(writer: Writer, prepare: Callable[[Callable[[], None]], None]) -> WriterEnded:
    """Let a process of its own write; what is prepared says when it came."""
    (read, write), (heard, said) = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        for stream in (1, 2):
            os.dup2(said, stream)  # a pipe: some systems limit the null device like a file
        try:
            prepare(lambda: os.write(write, b"!") and None)
            status = writer.write()
        except whole_file.UnwritableError:
            status = UNWRITABLE
        except BaseException as error:
            sys.settrace(None)
            os.write(write, f"{type(error).__name__}: {error}".encode())
            status = 70
        os._exit(status if isinstance(status, int) else 0)
    os.close(write)
    os.close(said)
    with os.fdopen(heard, "rb") as printed:
        printed.read()
    with os.fdopen(read) as pipe:
        told = pipe.read()
    _, how = os.waitpid(child, 0)
    return WriterEnded(os.waitstatus_to_exitcode(how), "!" in told, told.replace("!", ""))


def before_line(number: int, act: Callable[[], None], came: Callable[[], None]) -> None:
    """Act before the line of `whole_file` that is the N-th executed from now on."""
    left = number

    def count(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename != whole_file.__file__:
            return count if event == "call" else None
        if event == "line":
            left -= 1
            if left == -1:
                came()
                act()
        return count

    sys.settrace(count)


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def limit(size: int, came: Callable[[], None]) -> None:
    """Let no file of this process become longer."""
    came()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextmanager
def a_folder(writer: Writer) -> Iterator[dict[str, bytes]]:
    """Work in a folder with the files of before; gives them."""
    with tempfile.TemporaryDirectory() as name, chdir(name):
        put(writer)
        yield files()


def keep_versions(folder: str, came: Callable[[], None]) -> None:
    """Keep a copy of all that takes a file's place: a recording does so after every epoch."""
    replace = os.replace

    def kept(part: str, file: str) -> None:
        shutil.copy(part, Path(folder, str(len(os.listdir(folder)))))
        replace(part, file)

    os.replace = kept  # type: ignore[assignment]


def whole(name: str) -> tuple[dict[str, bytes], set[bytes]]:
    """What a writer's files become when nothing ends it, and what they are meanwhile."""
    with tempfile.TemporaryDirectory() as kept, a_folder(WRITERS[name]):
        ended = in_a_process(WRITERS[name], partial(keep_versions, kept))
        assert (ended.status in (0, 1), ended.wrong) == (True, ""), (name, ended)
        last = files()
        return last, {*last.values(), *(path.read_bytes() for path in Path(kept).iterdir())}


def torn(what: str, old: dict[str, bytes], new: set[bytes]) -> list[str]:
    """Which files are neither what they were nor what they become."""
    now = files()
    lost = [f"{what}: {file} is lost" for file in old if file not in now]
    return lost + [
        f"{what}: {file} has {len(content)} bytes of neither"
        for file, content in now.items()
        if content not in {old.get(file), *new}
    ]


def tried(name: str, every: int) -> tuple[Counter[str], list[str]]:
    """End one writer at every N-th line; by a kill, and by an error. Then limit its files."""
    writer, counts, problems = WRITERS[name], Counter[str](), list[str]()
    last, versions = whole(name)
    for way, act in (("kills", kill), ("errors", fail)):
        line, came = 0, True
        while came:
            with a_folder(writer) as old:
                ended = in_a_process(writer, partial(before_line, line, act))
                problems += torn(f"{name}, {way} before line {line}", old, versions)
            # An error where the system can give none is one that nobody caught.
            if ended.wrong and not ended.wrong.startswith("OSError: [Errno 28]"):
                problems.append(f"{name}, {way} before line {line}: {ended.wrong}")
            came = ended.came
            counts[way] += came
            line += every
    for size in LIMITS:
        with a_folder(writer) as old:
            ended = in_a_process(writer, partial(limit, size))
            problems += _unwritten(f"{name}, {size} bytes at most", ended, old, last, versions)
        counts["limits"] += 1
    return counts, problems


def _unwritten(
    what: str,
    ended: WriterEnded,
    old: dict[str, bytes],
    last: dict[str, bytes],
    versions: set[bytes],
) -> list[str]:
    """What is wrong with how a writer ended for which there was no room, or just enough."""
    problems = torn(what, old, versions)
    problems += [f"{what}: {ended.wrong}"] if ended.wrong else []
    if ended.status != UNWRITABLE and files() not in (last, old):
        problems.append(f"{what}: status {ended.status}")
    return problems


def on_a_small_disk(name: str) -> tuple[Counter[str], list[str]]:
    """Let one writer write on a disk that has little room, or none."""
    writer, counts, problems = WRITERS[name], Counter[str](), list[str]()
    last, versions = whole(name)
    for free in FREE_KB:
        with tempfile.TemporaryDirectory() as disk:
            size = f"size={DISK_KB}k"
            subprocess.run(["mount", "-t", "tmpfs", "-o", size, "none", disk], check=True)
            with chdir(disk):
                put(writer)
                old = files()
                room = os.statvfs(".").f_bavail * os.statvfs(".").f_bsize - free * 1024
                Path("ballast.part").write_bytes(b"x" * max(0, room))
                ended = in_a_process(writer, lambda came: None)
                problems += _unwritten(f"{name}, {free} KiB free", ended, old, last, versions)
                counts["small disks"] += 1
                counts["full disks"] += ended.status == UNWRITABLE
            subprocess.run(["umount", disk], check=True)
    return counts, problems


def main() -> None:
    """Print counts and problems as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--small-disk", action="store_true")
    asked = parser.parse_args()
    os.environ.pop("CI", None)  # `accept` would refuse
    os.environ["SOURCE_DATE_EPOCH"] = "0"  # two pages are the same, whenever they are written
    counts, problems = Counter[str](), list[str]()
    for name in WRITERS:
        found = on_a_small_disk(name) if asked.small_disk else tried(name, asked.every)
        print(name, dict(found[0]), file=sys.stderr, flush=True)
        counts += found[0]
        problems += found[1]
    print(json.dumps({"counts": counts, "problems": problems}, indent=2))


if __name__ == "__main__":
    main()
