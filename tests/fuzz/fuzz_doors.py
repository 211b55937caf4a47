"""The doors that are tried: each takes one damaged input, and tells what is wrong with its end."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from unittest.mock import patch

import fuzz_seeds
from damage import HOSTILE, damaged
from judged_command import Ended, content, lost, run, wrong

from dryfit.scenario.load import load_scenarios
from dryfit.scenario.problems import ScenarioFileError
from dryfit.scenario.scenario import Scenario

sys.path.append(str(Path(__file__).parents[1] / "tools" / "matrix"))
MOST_BATCHES = 20_000  # of a damaged scenario that is played: more is lawful, and takes its time
NAME = "damaged.scenario.yaml"
_RUN = [["run"], ["run"], ["run", "--format", "json"], ["run", "--format", "github"]]
_OTHER = [["trace"], ["trace", "--standalone"], ["accept"], ["replay", "--with", "EarlyStopping"]]
FORMATS = ("text", "markdown", "json")

Door = Callable[[Random], Iterator[str]]


def scenario_files(random: Random) -> Iterator[str]:
    """A damaged scenario file, in what commands do with one."""
    file = Path(NAME)
    file.write_bytes(damaged(random, fuzz_seeds.scenarios()))
    yield from read_scenarios(file, random.choice([*_RUN, *_OTHER]))


def read_scenarios(file: Path, words: list[str]) -> Iterator[str]:
    """Run a command with a scenario file."""
    if words != ["trace", "--standalone"] and not all(map(_is_short, _loaded(file))):
        words = ["trace", "--standalone"]
    before = content(Path())
    command, *options = words
    ended = run([command, str(file), *options])
    yield from wrong(ended, file)
    accepted = command == "accept" and before.pop(file.name) != file.read_bytes()
    yield from lost(before, content(Path()))
    if accepted:
        yield from _accepted(file, whole="not accepted" not in ended.out)


def _loaded(file: Path) -> list[Scenario]:
    try:
        return load_scenarios(file, unfinished=True)
    except Exception:  # the command tells
        return []


def _is_short(scenario: Scenario) -> bool:
    batches = 0
    for call in scenario.calls:
        if call.killed:  # in a process of its own, which takes seconds to begin
            return False
        if call.keys is not None:
            longest = [len(series) for series in call.keys.metrics.values()]
            counts = [call.keys.epochs or 0, *longest]
            known = [n for n in (call.keys.batches, call.keys.val_batches) if isinstance(n, int)]
            batches += max(counts) * max([1, *known])
    return batches <= MOST_BATCHES


def _accepted(file: Path, whole: bool) -> Iterator[str]:
    """What was accepted loads, holds where all of it was, and is accepted again as it is."""
    first = file.read_bytes()
    again = run(["run", str(file)])
    if again.status not in ((0,) if whole else (0, 1, 2)):
        told = (again.said or again.out).strip()[:200]
        yield f"accepted, and does not hold: status {again.status}: {told}"
    run(["accept", str(file)])
    if file.read_bytes() != first:
        yield "accepted twice, and the second time changed it"


def recordings(random: Random) -> Iterator[str]:
    """A damaged recording: it is refused, or what is written of it can be played."""
    file = Path("damaged.log")
    file.write_bytes(damaged(random, fuzz_seeds.recordings()))
    options = [[], [], ["--all"], ["--drop-torn-line"], ["--all", "--validation-freq", "2"]]
    yield from read_recording(file, random.choice(options))


def read_recording(file: Path, options: list[str]) -> Iterator[str]:
    """Make a scenario file of a recording, and play it."""
    before, made = content(Path()), Path("made.scenario.yaml")
    ended = run(["record", "--from", str(file), "--out", str(made), *options])
    yield from wrong(ended, file)
    yield from lost(before, content(Path()))
    if ended.status == 0 and all(map(_is_short, _loaded(made))):
        played = run(["run", str(made)])
        if played.status not in (0, 1):
            yield f"written, and cannot be read: {played.said.strip()[:200]}"


def measurements(random: Random) -> Iterator[str]:
    """A damaged file of measurements, before or after a change."""
    file, whole = Path("damaged.json"), Path("whole.json")
    file.write_bytes(damaged(random, fuzz_seeds.measurements()))
    whole.write_bytes(random.choice(fuzz_seeds.measurements()))
    files = [str(file), str(whole)]
    random.shuffle(files)
    yield from compare(file, files, random.choice(FORMATS))


def compare(file: Path, files: list[str], form: str) -> Iterator[str]:
    """Compare measurements."""
    before = content(Path())
    ended = run(["bench", "--compare", files[0], "--with", files[1], "--format", form])
    yield from wrong(ended, file)
    yield from lost(before, content(Path()))


def matrix_caches(random: Random) -> Iterator[str]:
    """A damaged entry of the matrix' cache: it is read, or made anew."""
    from stand_in import StandIn, play

    rows = {"3.6.0": [play({"epochs_run": "3"})], "3.9.2": [play({"epochs_run": "6"})]}
    stand_in = StandIn(rows)
    Path(NAME).write_text("name: a\nscript: {metrics: {loss: 1x2}}\nexpect: {epochs_run: 2}\n")
    words = ["matrix", NAME, "--cache", "cache", "--jobs", "1", "--keras", "3.6", "3.9"]
    with (
        patch("dryfit.tools.matrix.processes.Processes", lambda: stand_in),
        patch("dryfit.tools.matrix.environments.find_uv", lambda: "uv"),
    ):
        first = run(words)
        entries = sorted(Path("cache").rglob("*.json"))
        entry = random.choice(entries)
        seeds = [path.read_bytes() for path in entries if path.parent == entry.parent]
        entry.write_bytes(damaged(random, seeds))
        ended = run([*words, "--format", random.choice(FORMATS)])
        yield from wrong(ended)
        if (first.status, ended.status) != (0, 0):
            yield f"status {first.status}, then {ended.status}: {ended.said.strip()[:200]}"


def names_in_reports(random: Random) -> Iterator[str]:
    """Hostile names of metrics, scenarios and files, in every page and picture."""
    name, metric, text = (_name(random) for _ in range(3))
    told = {
        "name": name,
        "about": text,
        "script": {"epochs": 2, "metrics": {metric: "1 .5", "loss": "1 .5"}},
        "callbacks": [{"EarlyStopping": {"monitor": metric, "patience": 1, "verbose": 1}}],
        "expect": {"epochs_run": random.choice((2, 3)) - 1, "prints": [text]},
    }
    file = Path(NAME)
    file.write_text(json.dumps(told), encoding="utf-8")
    yield from report(file, random.choice((["--report"], ["--plot"], ["--format", "github"])))


def report(file: Path, words: list[str]) -> Iterator[str]:
    """Write a page or a picture; verdicts are printed whatever becomes of it."""
    before, page = content(Path()), Path("page.html" if words == ["--report"] else "picture.svg")
    command = "trace" if words == ["--plot"] else "run"
    options = [*words, str(page)] if words[0] in ("--report", "--plot") else words
    with patch.dict(os.environ, {"GITHUB_STEP_SUMMARY": str(Path("summary.md").resolve())}):
        ended = run([command, str(file), *options])
    yield from wrong(ended, file)
    yield from lost(before, content(Path()))
    if ended.status in (0, 1) and words[0] in ("--report", "--plot") and not page.is_file():
        yield f"status {ended.status}, and there is no {page}"


def _name(random: Random) -> str:
    parts = [random.choice(HOSTILE)[:400] for _ in range(random.choice((1, 1, 2)))]
    parts += [chr(random.choice((random.randrange(0xD800), random.randrange(0xE000, 0x110000))))]
    random.shuffle(parts)
    # JSON's escapes are pairs of surrogates, which a reader may take for two characters.
    return "".join(parts)


DOORS: dict[str, Door] = {
    "scenarios": scenario_files,
    "recordings": recordings,
    "measurements": measurements,
    "matrix": matrix_caches,
    "reports": names_in_reports,
}


def fresh_folder(folder: Path) -> None:
    """Make an empty folder the working directory."""
    os.chdir(folder.parent)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    os.chdir(folder)


__all__ = ["DOORS", "Ended", "ScenarioFileError", "fresh_folder"]
