"""``dryfit matrix``: play scenarios on many releases of Keras, and say what differs."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dryfit.cli.common import (
    Commands,
    add_format,
    add_result_files,
    add_trust,
    check_result_files,
    print_json,
    say,
    say_in_colours,
    trust_of,
)
from dryfit.cli.ending import CommandEnded
from dryfit.facts.visible_text import visible

if TYPE_CHECKING:
    from dryfit.show.result_files import TestResult
    from dryfit.tools.matrix.across_releases import ReleaseTable
    from dryfit.tools.matrix.cells import Cell
    from dryfit.tools.matrix.environments import Environments
    from dryfit.tools.matrix.player import PlayedElsewhere, Player
    from dryfit.tools.matrix.processes import Processes

# argparse breaks no line inside of what excludes each other.
_USAGE = """dryfit matrix PATH... --keras RELEASE... [OPTIONS]
       dryfit matrix PATH... --bisect FIRST LAST [OPTIONS]"""
_BACKENDS = ("jax", "tensorflow", "torch")
_FORMATS = ("text", "markdown", "json", "html")


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser(
        "matrix", help="play scenarios on many releases of Keras", usage=_USAGE
    )
    command.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
    releases = command.add_mutually_exclusive_group(required=True)
    releases.add_argument(
        "--keras",
        nargs="+",
        metavar="RELEASE",
        help="such as 3.6 (its newest patch), 3.11.2, latest, or tf_keras:2.15 for Keras 2",
    )
    releases.add_argument(
        "--bisect",
        nargs=2,
        metavar=("FIRST", "LAST"),
        help="find the first release between two that decides otherwise",
    )
    command.add_argument(
        "--backend",
        nargs="+",
        choices=_BACKENDS,
        default=["jax"],
        metavar="NAME",
        help=f"{', '.join(_BACKENDS)} (default: jax)",
    )
    command.add_argument(
        "--python", nargs="+", default=[], metavar="VERSION", help="default: the one of dryfit"
    )
    command.add_argument("--pre", action="store_true", help="pre-releases of Keras count too")
    add_projects(command)
    command.add_argument(
        "--lane", choices=("fake", "real"), default="fake", help="where to play (default: fake)"
    )
    add_format(command, *_FORMATS)
    command.add_argument(
        "--changes-only", action="store_true", help="leave out what is the same everywhere"
    )
    command.add_argument(
        "--fail-on-change", action="store_true", help="status 1 if a scenario decides otherwise"
    )
    command.add_argument(
        "--jobs", type=int, default=2, metavar="N", help="cells side by side (default: 2)"
    )
    add_cache(command)
    command.add_argument(
        "--fresh", action="store_true", help="install and play anew, whatever is kept"
    )
    add_result_files(command)
    add_trust(command)
    command.set_defaults(command=_command)


def add_projects(command: argparse.ArgumentParser) -> None:
    """Add what an environment has besides."""
    command.add_argument(
        "--with",
        nargs="+",
        default=[],
        dest="projects",
        metavar="PROJECT",
        help="what scenarios need besides: a folder such as ., or a requirement",
    )


def add_cache(command: argparse.ArgumentParser) -> None:
    """Add where environments are kept."""
    command.add_argument("--cache", type=Path, metavar="DIR", help="default: the user's cache")


def _command(options: argparse.Namespace) -> int:
    from dryfit.scenario.by_name import load_all
    from dryfit.scenario.usage import UsageError
    from dryfit.show.result_files import write_results
    from dryfit.tools.matrix.cells import CellError, cells
    from dryfit.tools.matrix.environments import NoUvError
    from dryfit.tools.matrix.processes import ProcessError

    if problem := _problem(options):
        raise UsageError(*problem)
    check_result_files(options)
    begun = time.time()
    load_all(
        options.paths, trust=trust_of(options)
    )  # what is wrong with them is said once, before any installation
    try:
        wanted = cells(
            options.keras or options.bisect, options.backend, options.python, pre=options.pre
        )
        played = _played(options, wanted)
    except (CellError, NoUvError, ProcessError, OSError) as error:
        raise UsageError("", str(error)) from error
    except (KeyboardInterrupt, CommandEnded) as error:
        error.add_note("cells that are done are kept, and the same command goes on")
        raise
    status = _told(options, played)
    for file in write_results(options, list(_results(played)), begun, time.time()):
        say(f"wrote {file}", file=sys.stderr)
    return status


def _results(played: Sequence["PlayedElsewhere"]) -> "Iterator[TestResult]":
    """A cell as a suite; one that cannot be played is one error."""
    from dryfit.show.result_files import TestResult
    from dryfit.tools.matrix.across_releases import table

    found = table(played)
    for index, cell in enumerate(found.cells):
        title = found.titles[index]
        if cell.error:
            yield TestResult(title, "cell", "error", " ".join(cell.error.split()), cell.error)
            continue
        for row in found.rows:
            if outcome := row.outcome(index):
                yield TestResult(title, f"{row.file}::{row.slug}", outcome, file=row.file)


def _problem(options: argparse.Namespace) -> tuple[str, str] | None:
    from dryfit.show.page.templating import why_no_pages

    if options.jobs < 1:
        return "--jobs", f"it is 1 or more, not {options.jobs}"
    if options.bisect and (len(options.backend) > 1 or len(options.python) > 1):
        return "--bisect", "it searches with one backend and one Python; name one of each"
    if options.bisect and any(":" in release for release in options.bisect):
        return "--bisect", "it searches Keras 3; name releases of Keras 2 with --keras"
    if problem := missing_projects(options):
        return problem
    if options.format == "html" and (why := why_no_pages("html", "matrix")):
        return "--format", why
    return None


def missing_projects(options: argparse.Namespace) -> tuple[str, str] | None:
    """What is wrong with what an environment is to have besides."""
    named = [p for p in options.projects if p.startswith((".", "/", "~"))]
    missing = [p for p in named if not Path(p).exists()]
    return ("--with", f"there is no {', '.join(missing)}") if missing else None


def kept_environments(
    options: argparse.Namespace, processes: "Processes"
) -> "tuple[Path, Environments]":
    """The cache, and the environments in it.

    Raises:
        NoUvError: nothing is there to make them.
        UsageError: the cache is not the user's own.
    """
    from dryfit.tools.matrix.environments import Environments, clean
    from dryfit.tools.matrix.own_cache import own_cache

    cache = own_cache(options.cache or _user_cache())
    clean(cache)
    return cache, Environments(cache, processes, options.projects)


def _played(options: argparse.Namespace, wanted: Sequence["Cell"]) -> list["PlayedElsewhere"]:
    from dryfit.tools.matrix.environments import find_uv
    from dryfit.tools.matrix.player import Player
    from dryfit.tools.matrix.processes import Processes
    from dryfit.tools.matrix.search import releases, search

    processes = Processes()
    cache, environments = kept_environments(options, processes)
    player = Player(
        options.paths,
        options.lane,
        cache,
        environments,
        processes,
        trust=trust_of(options),
        anew=options.fresh,
    )
    if options.bisect:
        known = releases(processes, find_uv())
        return search(wanted[0], wanted[-1], known, lambda more: _play(player, more, options.jobs))
    return _play(player, wanted, options.jobs)


def _play(player: "Player", cells: Sequence["Cell"], jobs: int) -> list["PlayedElsewhere"]:
    with _progress(len(cells)) as told:
        return player.play_all(cells, jobs, told)


@contextmanager
def _progress(count: int) -> Iterator[Callable[["PlayedElsewhere"], None]]:
    """Say of each cell that it is done; on a terminal with a bar below."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    console = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)

    def told(played: "PlayedElsewhere") -> None:
        release = "" if played.keras == played.cell.release else f" ({played.keras})"
        why = f": {played.error}" if played.error else ""
        console.print(visible(f"{played.cell}{release}: {played.how}{why}"))
        bar.advance(task)

    with bar:
        task = bar.add_task("", total=count)
        yield told


def _user_cache() -> Path:
    try:
        from platformdirs import user_cache_path
    except ModuleNotFoundError:
        from dryfit.tools.matrix.environments import NoUvError

        raise NoUvError("dryfit matrix needs platformdirs: pip install 'dryfit[matrix]'") from None
    return user_cache_path("dryfit", appauthor=False) / "matrix"


def _told(options: argparse.Namespace, played: Sequence["PlayedElsewhere"]) -> int:
    from dryfit.show.page.banner import provenance
    from dryfit.tools.matrix.across_releases import table
    from dryfit.tools.matrix.matrix_pages import as_data, as_html, as_markdown, as_text

    found: ReleaseTable = table(played)
    if options.format == "json":
        print_json(as_data(found, changes_only=options.changes_only))
    else:
        made = provenance(options.typed, keras=False)  # of the cells each has its own
        page: Callable[..., str] = partial(as_html, made=made)
        write = {"text": as_text, "markdown": as_markdown, "html": page}[options.format]
        tell = say_in_colours if options.format == "text" else say
        tell(write(found, changes_only=options.changes_only))
    if any(p.error for p in found.cells):
        return 2
    return int(bool(found.not_holding) or (options.fail_on_change and bool(found.changed)))
