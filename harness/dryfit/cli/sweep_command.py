"""``dryfit sweep``: what many settings decide on many recorded curves."""

import argparse
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dryfit.cli.common import Commands, add_jobs, add_trust, print_json, say, trust_of

if TYPE_CHECKING:
    from dryfit.tools.sweep.sweeping import Progress, SweepResult

KEEP = Path(".dryfit") / "sweep"


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser(
        "sweep", help="show what many settings decide on many recorded curves"
    )
    command.add_argument(
        "sources",
        nargs="*",
        metavar="SOURCE",
        help="files, folders and globs of recordings, logs and tables of curves",
    )
    command.add_argument(
        "--with",
        action="append",
        default=[],
        dest="items",
        metavar="CALLBACK",
        help="a callback as in a file, such as 'EarlyStopping: {patience: 1..50, min_delta: "
        "0|.001}'; several are one list",
    )
    command.add_argument("--monitor", metavar="METRIC", help="what to compare by, such as val_loss")
    command.add_argument(
        "--engine",
        choices=("auto", "vectorised", "callbacks"),
        default="auto",
        help="array programs, or the real callbacks",
    )
    command.add_argument(
        "--audit", type=int, default=200, metavar="N", help="cells to play besides (default: 200)"
    )
    command.add_argument("--seed", type=int, default=0, metavar="N", help="of what is drawn")
    command.add_argument("--budget", type=_share, metavar="PERCENT", help="of the epochs, at most")
    command.add_argument(
        "--lose-at-most",
        type=_share,
        metavar="PERCENT",
        help="of a curve's range, in nine of ten curves (default: 1%%)",
    )
    command.add_argument("--curve-column", default="curve", metavar="NAME", help="in tables")
    command.add_argument("--epoch-column", default="epoch", metavar="NAME", help="in tables")
    add_jobs(command, "processes (default: all cores)", default=None)
    command.add_argument("--dask", metavar="ADDRESS", help="of a dask scheduler, to work there")
    command.add_argument("--shard", type=_shard, default=(1, 1), metavar="I/N", help="a part alone")
    command.add_argument(
        "--merge", nargs="+", type=Path, metavar="FILE", help="what --out wrote for each shard"
    )
    command.add_argument(
        "--keep", type=Path, default=KEEP, metavar="FOLDER", help=f"for parts (default: {KEEP})"
    )
    command.add_argument(
        "--format", choices=("text", "json", "csv", "markdown"), default="text", help="how to print"
    )
    command.add_argument("--out", type=Path, metavar="FILE", help="every cell, as Parquet")
    command.add_argument("--plot", type=Path, metavar="FILE", help="the front, as .svg or .png")
    command.add_argument("--report", type=Path, metavar="FILE.html", help="all of it, as a page")
    add_trust(command)
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.tools.sweep.cells_file import write_cells

    _check_extras(options)
    result = _swept(options)
    _print(result, options.format)
    for differing in result.differing:
        say(f"FAILED {differing}", file=sys.stderr)
    if options.out:
        write_cells(result, options.out)
    _draw(result, options)
    result.forget()
    return int(bool(result.differing))


def _check_extras(options: argparse.Namespace) -> None:
    """Say before the work begins that what shall come of it cannot."""
    from dryfit.scenario.usage import UsageError
    from dryfit.show.page.templating import why_no_pages
    from dryfit.show.plot.endings import SUFFIXES
    from dryfit.show.plot.plot import check_matplotlib
    from dryfit.tools.sweep.cells_file import check_pyarrow

    if options.out:
        check_pyarrow("--out")
    if options.plot and options.plot.suffix.lower() not in SUFFIXES:
        raise UsageError("--plot", f"{options.plot}: a picture ends in {', '.join(SUFFIXES)}")
    if options.plot or options.report:
        check_matplotlib()
    if options.report and (why := why_no_pages("--report", "report")):
        raise ImportError(why)


def _draw(result: "SweepResult", options: argparse.Namespace) -> None:
    if options.plot:
        from dryfit.show.plot.plot import save
        from dryfit.tools.sweep.front_plot import draw_front

        save(draw_front(result), options.plot)
    if options.report:
        from dryfit.scenario.whole_file import write_text
        from dryfit.show.page.banner import provenance
        from dryfit.tools.sweep.sweep_page import as_page

        write_text(options.report, as_page(result, provenance(options.typed)))


def _swept(options: argparse.Namespace) -> "SweepResult":
    from dryfit.cli.watched_process import under_way
    from dryfit.scenario.usage import UsageError
    from dryfit.tools.sweep.cells_file import merged
    from dryfit.tools.sweep.sweeping import sweep

    asked = {"budget": options.budget, "lose_at_most": options.lose_at_most}
    if options.merge:
        if options.sources or options.items:
            raise UsageError("--merge", "takes files of shards alone: no SOURCE, and no --with")
        return merged(options.merge, **asked)
    if not options.sources:
        raise UsageError("SOURCE", "none; name files, folders or globs of recordings")
    under_way(", ".join(options.items))
    with ExitStack() as stack:
        jobs = options.jobs or -1
        if options.dask:
            stack.enter_context(_on_dask(options.dask))
            jobs = options.jobs
        progress = stack.enter_context(_progress())
        return sweep(
            options.sources,
            options.items,
            monitor=options.monitor,
            engine=options.engine,
            audit=options.audit,
            seed=options.seed,
            jobs=jobs,
            shard=options.shard,
            curve_column=options.curve_column,
            epoch_column=options.epoch_column,
            keep=options.keep,
            trust=trust_of(options),
            progress=progress,
            **asked,
        )


def _print(result: "SweepResult", how: str) -> None:
    from dryfit.show.colours import terminal
    from dryfit.tools.sweep import sweep_report

    if how == "json":
        print_json(sweep_report.as_data(result))
    elif how == "csv":
        print(sweep_report.as_csv(result), end="")
    elif how == "markdown":
        print(sweep_report.as_markdown(result))
    else:
        print(sweep_report.as_text(result, terminal()))


@contextmanager
def _on_dask(address: str) -> Iterator[None]:
    """Let joblib's work go to a cluster."""
    import importlib.util

    if importlib.util.find_spec("distributed") is None:
        raise ImportError('--dask needs dask.distributed: pip install "dryfit[dask]"')
    import joblib
    from distributed import Client

    from dryfit.scenario.usage import UsageError

    try:
        client = Client(address, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError("--dask", f"{address}: no scheduler answers: {error}") from None
    with client, joblib.parallel_config(backend="dask"):
        yield


@contextmanager
def _progress() -> "Iterator[Progress]":
    """A bar on a terminal, with the rate and the time left; none in a pipe."""
    from dryfit.tools.sweep.sweeping import Progress

    if not sys.stderr.isatty():
        yield Progress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    rate = TextColumn("{task.completed:,.0f} of {task.total:,.0f} cells")
    speed = TextColumn("{task.fields[rate]}")
    console = Console(stderr=True)
    with Bar(
        BarColumn(), rate, speed, TimeRemainingColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("sweep", total=1, rate="")

        def advance(cells: int) -> None:
            bar.advance(task, cells)
            if done := bar.tasks[0].speed:
                bar.update(task, rate=f"{done:,.0f} a second")

        yield Progress(lambda cells: bar.update(task, total=cells), advance)


def _share(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)\s*%?", text.strip())
    value = float(found[1]) if found else -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"0% to 100%, such as 1%, not {text}")
    return value / 100


def _shard(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise argparse.ArgumentTypeError(f"such as 1/3, the first of three, not {text}")
    return int(found[1]), int(found[2])
