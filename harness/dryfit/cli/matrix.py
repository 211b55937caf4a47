"""``dryfit matrix``: play scenarios on many releases of Keras, and say what differs."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryfit.cli.common import load, print_json

if TYPE_CHECKING:
    from dryfit.matrix.cells import Cell
    from dryfit.matrix.playing import Played, Player
    from dryfit.matrix.table import Table

_BACKENDS = ("jax", "tensorflow", "torch")
_FORMATS = ("text", "markdown", "json", "html")
_INTERRUPTED = 130  # as a shell says it of a program that Ctrl-C ended


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("matrix", help="play scenarios on many releases of Keras")
    command.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
    releases = command.add_mutually_exclusive_group(required=True)
    releases.add_argument(
        "--keras",
        nargs="+",
        metavar="RELEASE",
        help="such as 3.6 (its newest patch), 3.11.2, or latest",
    )
    releases.add_argument(
        "--bisect",
        nargs=2,
        metavar=("FIRST", "LAST"),
        help="find the first release between two that decides otherwise",
    )
    command.add_argument(
        "--backend", nargs="+", choices=_BACKENDS, default=["jax"], help="default: jax"
    )
    command.add_argument(
        "--python", nargs="+", default=[], metavar="VERSION", help="default: the one of dryfit"
    )
    command.add_argument("--pre", action="store_true", help="pre-releases of Keras count too")
    command.add_argument(
        "--with",
        nargs="+",
        default=[],
        dest="projects",
        metavar="PROJECT",
        help="what scenarios need besides: a folder such as ., or a requirement",
    )
    command.add_argument(
        "--lane", choices=("fake", "real"), default="fake", help="where to play (default: fake)"
    )
    command.add_argument("--format", choices=_FORMATS, default="text", help="how to print")
    command.add_argument(
        "--changes-only", action="store_true", help="leave out what is the same everywhere"
    )
    command.add_argument(
        "--fail-on-change", action="store_true", help="status 1 if a scenario decides otherwise"
    )
    command.add_argument(
        "--jobs", type=int, default=2, metavar="N", help="cells side by side (default: 2)"
    )
    command.add_argument("--cache", type=Path, metavar="DIR", help="default: the user's cache")
    command.add_argument(
        "--fresh", action="store_true", help="install and play anew, whatever is kept"
    )
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.matrix.cells import CellError, cells
    from dryfit.matrix.environments import NoUvError
    from dryfit.matrix.processes import ProcessError

    if problem := _problem(options):
        print(problem, file=sys.stderr)
        return 2
    list(load(options.paths))  # what is wrong with them is said once, before any installation
    try:
        wanted = cells(
            options.keras or options.bisect, options.backend, options.python, pre=options.pre
        )
        played = _played(options, wanted)
    except (CellError, NoUvError, ProcessError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "interrupted; cells that are done are kept, and the same command goes on",
            file=sys.stderr,
        )
        return _INTERRUPTED
    return _told(options, played)


def _problem(options: argparse.Namespace) -> str:
    from importlib.util import find_spec

    if options.jobs < 1:
        return f"--jobs is 1 or more, not {options.jobs}"
    if options.bisect and (len(options.backend) > 1 or len(options.python) > 1):
        return "--bisect searches with one backend and one Python; name one of each"
    missing = [
        p for p in options.projects if p.startswith((".", "/", "~")) and not Path(p).exists()
    ]
    if missing:
        return f"--with: there is no {', '.join(missing)}"
    if options.format == "html" and find_spec("jinja2") is None:
        return "--format html needs jinja2: pip install 'dryfit[matrix]'"
    return ""


def _played(options: argparse.Namespace, wanted: Sequence["Cell"]) -> list["Played"]:
    from dryfit.matrix.environments import Environments, clean, find_uv
    from dryfit.matrix.playing import Player
    from dryfit.matrix.processes import Processes
    from dryfit.matrix.search import releases, search

    cache, processes, uv = options.cache or _user_cache(), Processes(), find_uv()
    clean(cache)
    environments = Environments(cache, processes, options.projects, uv)
    player = Player(options.paths, options.lane, cache, environments, processes, anew=options.fresh)
    if options.bisect:
        known = releases(processes, uv)
        return search(wanted[0], wanted[-1], known, lambda more: _play(player, more, options.jobs))
    return _play(player, wanted, options.jobs)


def _play(player: "Player", cells: Sequence["Cell"], jobs: int) -> list["Played"]:
    with _progress(len(cells)) as told:
        return player.play_all(cells, jobs, told)


@contextmanager
def _progress(count: int) -> Iterator[Callable[["Played"], None]]:
    """Say of each cell that it is done; on a terminal with a bar below."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)

    def told(played: "Played") -> None:
        release = "" if played.keras == played.cell.keras else f" ({played.keras})"
        why = f": {played.error}" if played.error else ""
        console.print(f"{played.cell}{release}: {played.how}{why}")
        bar.advance(task)

    with bar:
        task = bar.add_task("", total=count)
        yield told


def _user_cache() -> Path:
    try:
        from platformdirs import user_cache_path
    except ModuleNotFoundError:
        from dryfit.matrix.environments import NoUvError

        raise NoUvError("dryfit matrix needs platformdirs: pip install 'dryfit[matrix]'") from None
    return user_cache_path("dryfit", appauthor=False) / "matrix"


def _told(options: argparse.Namespace, played: Sequence["Played"]) -> int:
    from dryfit.matrix.show import as_data, as_html, as_markdown, as_text
    from dryfit.matrix.table import table

    found: Table = table(played)
    if options.format == "json":
        print_json(as_data(found, changes_only=options.changes_only))
    else:
        write = {"text": as_text, "markdown": as_markdown, "html": as_html}[options.format]
        print(write(found, changes_only=options.changes_only))
    if any(p.error for p in found.cells):
        return 2
    return int(bool(found.not_holding) or (options.fail_on_change and bool(found.changed)))
