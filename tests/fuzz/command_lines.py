"""Command lines made at random of what our own parser takes."""

import argparse
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random

from damage import HOSTILE
from judged_command import content, lost, run, wrong

from dryfit.cli import parser

_SCENARIO = """name: two bad epochs
script: {batches: 2, metrics: {loss: 1 .5 .6x4, val_loss: 1 .5 .6x4}}
callbacks:
  - EarlyStopping: {patience: 2}
expect: {epochs_run: 4}
"""
_FILES = {
    "good.scenario.yaml": _SCENARIO,
    "bad.scenario.yaml": _SCENARIO.replace("epochs_run", "epoch_run"),
    "failing.scenario.yaml": _SCENARIO.replace("epochs_run: 4", "epochs_run: 3"),
    "history.json": '{"loss": [1.0, 0.5]}',
    "bench.json": '[{"callback": "A", "hook": null, "ns_per_batch": 1.0}]',
    "empty": "",
    "mine.py": "import keras\nclass Mine(keras.callbacks.Callback):\n    pass\n",
}
_WORDS = (
    *(*_FILES, ".", "nowhere", "folder", "good.scenario.yaml::two-bad-epochs"),
    *("good.scenario.yaml::no", "::", "EarlyStopping", "EarlyStopping: {patience: 1}", "mine:Mine"),
    *("EarlyStoping", "os:getcwd", "mine:None", "page.html", "picture.svg", "new.scenario.yaml"),
    *("0", "1", "-1", "3", "1e9", "nan", "inf", "5ms", "3.6", "latest", "stopped", "1-3,5", "loss"),
    *("/dev/null", "folder/deeper/new.json", "a" * 300, "EarlyStopping: {patience: 1..2}", ""),
)
# No path that leads out of the folder: a command would work through the whole disk.
_PARTS = [text.replace("\0", "") for text in HOSTILE if ".." not in text and "/" not in text]
# What does much work where it is right is asked for little of it.
_LITTLE = {
    "bench": ["--batches", "10"],
    "explore": ["--examples", "1"],
    "together": ["--curves", "1"],
    "mutate": ["--most", "1"],
    "sweep": ["--audit", "1"],
}
# What a user names for these is to be written, whatever was there before.
_WRITES = {"--ctrf", "--junitxml", "--out", "--plot", "--report"}
_SELDOM = {"bench", "check", "explore", "mutate", "together"}


def command_lines(random: Random) -> Iterator[str]:
    """One command line: it works, or says in a line why not."""
    for name, text in _FILES.items():
        Path(name).write_text(text)
    Path("folder").mkdir()
    words = drawn(random)
    Path("command.txt").write_text("\n".join(map(repr, words)), "utf-8", "replace")
    before = content(Path())
    ended = run(words)
    del before["good.scenario.yaml"], before["failing.scenario.yaml"]  # accept writes them
    for option, file in pairwise(words):
        if option in _WRITES:
            before.pop(file, None)
    yield from (
        problem
        for problem in wrong(ended)
        if ended.status == 2 or not problem.endswith(" s")  # work takes its time
    )
    yield from lost(before, content(Path()))


def drawn(random: Random) -> list[str]:
    """Draw a command, some of its options, and their values."""
    commands = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    name = random.choice([*commands.choices, *commands.choices])
    if name in _SELDOM and random.random() < 0.7:
        name = random.choice(["run", "trace", "accept", "record", "replay", "matrix"])
    words = [name]
    actions = [a for a in commands.choices[name]._actions if a.dest not in ("help", "command")]
    for action in actions:
        if not action.option_strings or action.required or random.random() < 0.2:
            words += _action(random, action)
    if random.random() < 0.1:
        words.insert(random.randrange(len(words) + 1), _value(random, None))
    if random.random() < 0.05:
        words.append(random.choice(["--help", "-h", "--nothing", "--", "-"]))
    return [*words, *_LITTLE.get(name, [])]


def _action(random: Random, action: argparse.Action) -> list[str]:
    if action.nargs == 0:
        return [action.option_strings[0]]
    most = {"+": 3, "*": 3, None: 1}.get(action.nargs) if not isinstance(action.nargs, int) else 2
    count = random.randint(1, most or 1)
    if random.random() < 0.05:
        count = 0
    values = [_value(random, action) for _ in range(count)]
    return [*action.option_strings[:1], *values]


def _value(random: Random, action: argparse.Action | None) -> str:
    if action is not None and action.choices and random.random() < 0.9:
        return str(random.choice(list(action.choices)))
    if random.random() < 0.1:
        return random.choice(_PARTS)
    return random.choice(_WORDS)
