"""``dryfit trace``: play one file and print its epoch tables."""

import argparse
from pathlib import Path
from typing import Any

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
    if place := limit_gpu(options, (options.lane,)):
        print(place)
    for scenario in scenarios:
        print(f"{scenario.file}:{scenario.line(('name',))}: {scenario.name}")
        for played in play_scenario(scenario, options.lane):
            if played.run is None:
                print(f"{type(played.error).__name__}: {played.error}")
            elif options.hooks:
                print("\n".join(map(str, played.run.hooks)))
            else:
                print(played.run.table(fold=not options.every_epoch, terminal=terminal()))
        print()
    return 0
