"""``dryfit trace``: play one file, print its epoch tables, and draw a picture."""

import argparse
import sys
from pathlib import Path
from typing import Any, NoReturn

from dryfit.cli.common import add_gpu_limit, limit_gpu, load


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("trace", help="play one file and print its epoch tables")
    command.add_argument("target", metavar="FILE[::SLUG]", help="a file, or one scenario of it")
    command.add_argument("--lane", choices=("fake", "real"), default="fake", help="where to play")
    command.add_argument("--hooks", action="store_true", help="print every hook instead")
    command.add_argument(
        "--every-epoch", action="store_true", help="fold nothing of a table of many epochs"
    )
    command.add_argument(
        "--plot", metavar="FILE", type=Path, help="draw what happened: .png, .svg or .pdf"
    )
    command.add_argument(
        "--standalone",
        action="store_true",
        help="print the scenario as a Python script for plain Keras, without dryfit",
    )
    add_gpu_limit(command)
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.colours import terminal
    from dryfit.scenario.playing import play_scenario
    from dryfit.scenario.problems import Problem, ScenarioFileError

    path, _, slug = options.target.partition("::")
    scenarios = [s for s in load([Path(path)]) if slug in ("", s.slug)]
    if not scenarios:
        known = ", ".join(scenario.slug for scenario in load([Path(path)]))
        message = f"no scenario {slug!r}; there are {known}"
        raise ScenarioFileError([Problem(Path(path), 1, "", message)])
    if options.standalone:
        return _standalone(path, scenarios)
    if options.plot is not None:
        _check_plot(options.plot, path, [scenario.slug for scenario in scenarios])
    if place := limit_gpu(options, (options.lane,)):
        print(place)
    runs = []
    for scenario in scenarios:
        print(f"{scenario.file}:{scenario.line(('name',))}: {scenario.name}")
        for played in play_scenario(scenario, options.lane):
            runs += [] if played.run is None else [played.run]
            if played.run is None:
                print(f"{type(played.error).__name__}: {played.error}")
            elif options.hooks:
                print("\n".join(map(str, played.run.hooks)))
            else:
                print(played.run.table(fold=not options.every_epoch, terminal=terminal()))
        print()
    if options.plot is not None:
        _plot(options.plot, runs, scenarios[0].name)
    return 0


def _standalone(target: str, scenarios: list[Any]) -> int:
    if len(scenarios) > 1:
        told = f"--standalone: a script shows one scenario, and {target} has {len(scenarios)}; "
        slugs = [scenario.slug for scenario in scenarios]
        _refuse(f"{told}name one of them, as {target}::{slugs[0]}. There are {', '.join(slugs)}")
    from dryfit.standalone.write import standalone

    print(standalone(scenarios[0]), end="")
    return 0


def _check_plot(file: Path, target: str, slugs: list[str]) -> None:
    """Refuse what cannot become one picture, before anything is played."""
    from dryfit.report.plot import SUFFIXES, check_matplotlib

    if file.suffix.lower() not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        _refuse(f"--plot {file}: a picture is a file with one of the endings {known}")
    if not file.parent.is_dir():
        _refuse(f"--plot {file}: there is no folder {file.parent}; make it")
    if len(slugs) > 1:
        told = f"--plot {file}: a picture shows one scenario, and {target} has {len(slugs)}; "
        _refuse(f"{told}name one of them, as {target}::{slugs[0]}. There are {', '.join(slugs)}")
    check_matplotlib()


def _plot(file: Path, runs: list[Any], name: str) -> None:
    from dryfit.report.plot import plot, save

    if not runs:
        _refuse(f"--plot {file}: there is nothing to draw; no call was played to its end")
    try:
        save(plot(runs, title=name), file)
    except OSError as error:
        _refuse(f"--plot {file}: cannot be written: {error.strerror}")
    print(f"wrote {file}")


def _refuse(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    raise SystemExit(2)
