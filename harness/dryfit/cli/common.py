"""What several commands share."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias, TypeVar

from dryfit.facts.visible_text import visible
from dryfit.show.json_text import json_text

if TYPE_CHECKING:
    from dryfit.scenario.given_training import GivenTraining
    from dryfit.scenario.problems import ScenarioFileError
    from dryfit.scenario.scenario import Scenario
    from dryfit.scenario.trust import Trust

_T = TypeVar("_T")

# What `add_subparsers` returns; argparse has no public name for it.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_gpu_limit(command: argparse.ArgumentParser) -> None:
    """Add the option."""
    text = "how much of a GPU's memory the real lane's backend may take (default: 1024)"
    command.add_argument("--gpu-memory-limit", metavar="MB", help=text)


def add_format(command: argparse.ArgumentParser, *choices: str) -> None:
    """Add the option; text is what a person reads, and the default."""
    command.add_argument("--format", choices=choices, default="text", help="how to print")


def add_training(command: argparse.ArgumentParser) -> None:
    """Add the options, for what trains callbacks that need more than any model has."""
    made = "makes the compiled model that the callbacks need"
    command.add_argument("--model", default="", metavar="MODULE:FUNCTION", help=made)
    made = "makes one batch (x, y) to train it with, where its shapes do not tell"
    command.add_argument("--data", default="", metavar="MODULE:FUNCTION", help=made)
    named = "what the model reports besides loss, accuracy"
    command.add_argument("--metrics", default="", metavar="A,B", help=named)


def training_for(options: argparse.Namespace) -> "GivenTraining":
    """What the options name.

    Raises:
        UsageError: there is no such function.
    """
    from dryfit.scenario.given_training import given_training

    return given_training(model=options.model, data=options.data, metrics=options.metrics)


def add_jobs(command: argparse.ArgumentParser, text: str, default: int | None = 1) -> None:
    """Add the option, for what is done in several processes."""
    command.add_argument("--jobs", type=_at_least_one, default=default, metavar="N", help=text)


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"1 or more, not {text}")
    return int(text)


def add_outside(command: argparse.ArgumentParser) -> None:
    """Add the option, for what names callbacks."""
    text = "let callbacks of Keras write, delete and send outside of their run's folder"
    command.add_argument("--allow-outside", action="store_true", help=text)


def add_trust(command: argparse.ArgumentParser) -> None:
    """Add the options, for what plays scenario files."""
    add_outside(command)
    text = "play callbacks of Keras and of dryfit alone: no code of whoever wrote the files runs"
    command.add_argument("--no-import", action="store_true", help=text)


def add_choice(command: argparse.ArgumentParser) -> None:
    """Add the options, for what plays many scenarios of files."""
    command.add_argument(
        "targets", nargs="+", metavar="FILE[::SLUG]", help="files, folders, or one of a file"
    )
    text = "those whose names meet an expression, such as 'stop and not nan'; as in pytest"
    command.add_argument("-k", dest="keywords", default="", metavar="EXPRESSION", help=text)
    text = "end with the first that does not hold"
    command.add_argument("-x", "--exitfirst", action="store_true", help=text)
    text = "print which are meant, a line each, and play none"
    command.add_argument("--list", action="store_true", help=text)


def add_result_files(command: argparse.ArgumentParser) -> None:
    """Add the options, for what has results as tests have."""
    text = "also write results as JUnit's XML, for a CI that shows tests"
    command.add_argument("--junitxml", type=Path, metavar="FILE", help=text)
    text = "also write results as JSON in the Common Test Report Format"
    command.add_argument("--ctrf", type=Path, metavar="FILE", help=text)


def check_result_files(options: argparse.Namespace) -> None:
    """Refuse places where no file can be, before anything is played."""
    from dryfit.scenario.usage import UsageError

    for name, file in (("--junitxml", options.junitxml), ("--ctrf", options.ctrf)):
        if file is not None and not os.path.isdir(file.parent):
            raise UsageError(f"{name} {file}", f"there is no folder {file.parent}; make it first")
        if file is not None and os.path.isdir(file):
            raise UsageError(f"{name} {file}", "is a folder; name a file")


def load(
    options: argparse.Namespace,
    *,
    unfinished: bool = False,
    only: "Callable[[list[Scenario]], list[Scenario]] | None" = None,
    unusable: "list[ScenarioFileError] | None" = None,
) -> "list[Scenario]":
    """Load what is chosen, or of that only some; print it, where that is asked for.

    Args:
        unusable: see `dryfit.scenario.by_name.load_all`.
    """
    from dryfit.scenario.by_name import load_chosen

    trust = trust_of(options)
    told: Any = {"unfinished": unfinished, "trust": trust, "unusable": unusable}
    found = load_chosen(options.targets, options.keywords, **told)
    found = found if only is None else only(found)
    for scenario in found if options.list else ():
        say(f"{scenario.file}::{scenario.slug}")
    return found


def trust_of(options: argparse.Namespace) -> "Trust":
    """What the files may do, as the options say."""
    from dryfit.scenario.trust import Trust

    return Trust(outside=options.allow_outside, imports=not options.no_import)


def limit_gpu(options: argparse.Namespace, lanes: Sequence[str]) -> str:
    """Limit the real lane's GPU before anything uses it; say where that lane plays, if it does."""
    from dryfit.lanes import gpu
    from dryfit.scenario.usage import UsageError

    try:
        gpu.ask_for(options.gpu_memory_limit)
        return gpu.limit_gpu_memory() if "real" in lanes else ""
    except (gpu.GpuLimitError, ValueError) as error:
        raise UsageError("--gpu-memory-limit", str(error)) from None


def progress(items: list[_T]) -> Iterable[_T]:
    """A progress bar on a terminal, and none in a pipe."""
    if not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, description="playing", console=Console(stderr=True), transient=True)


def say(text: str, file: TextIO | None = None) -> None:
    """Print a text in which nothing steers the terminal; what has colours is made so elsewhere."""
    print(visible(text), file=file)


def say_in_colours(text: str) -> None:
    """Print a report, in a terminal with colours and in lines that fit."""
    from dryfit.show.colours import in_colours, terminal
    from dryfit.show.long_lines import folded

    console = terminal()
    print(in_colours(folded(visible(text), console), console))


def print_json(data: object) -> None:
    """Print data as JSON; escaped where the encoding of stdout has not all letters."""
    text = json_text(data)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(json.loads(text), indent=2)
    print(text)
