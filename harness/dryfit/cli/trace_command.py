"""``dryfit trace``: play one file, print its epoch tables, and draw a picture."""

import argparse
import os
from pathlib import Path
from typing import Any

from dryfit.cli.common import (
    Commands,
    add_gpu_limit,
    add_trust,
    limit_gpu,
    say,
    say_in_colours,
    trust_of,
)


def add(commands: Commands) -> None:
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
    add_trust(command)
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.scenario.by_name import addressed

    scenarios = addressed(options.target, trust=trust_of(options))
    if options.standalone:
        return _standalone(options.target, scenarios)
    if options.plot is not None:
        _check_plot(options.plot, options.target, scenarios)

    from dryfit.cli.watched_process import under_way  # what is wrong is told before Keras loads
    from dryfit.facts.own_line import own_line
    from dryfit.facts.stopping import told_of_error
    from dryfit.lanes.recorded_play import WALL_TIME_S
    from dryfit.scenario.playing import play_scenario
    from dryfit.show.colours import terminal

    if place := limit_gpu(options, (options.lane,)):
        say(place)
    runs, failed = [], False
    for scenario in scenarios:
        say_in_colours(f"{scenario.file}:{scenario.line(('name',))}: {scenario.name}")
        under_way(f"{scenario.file}::{scenario.slug}", (len(scenario.calls) + 1) * WALL_TIME_S)
        for played in play_scenario(scenario, options.lane):
            failed |= _unforeseen(scenario, played)
            runs += [] if played.run is None else [played.run]
            if played.run is None:
                say(told_of_error(played))
            elif options.hooks:
                for rank, run in enumerate(played.run.ranks):
                    if len(played.run.ranks) > 1:
                        say(f"rank {rank}")
                    say("\n".join(map(_told_hook, run.hooks)))
            else:
                print(played.run.table(fold=not options.every_epoch, terminal=terminal()))
                if own_line(played.error):
                    say(told_of_error(played))
        print()
    if options.plot is not None:
        _plot(options.plot, runs, scenarios[0].name)
    return 1 if failed else 0


def _told_hook(hook: Any) -> str:
    """A hook with its epoch or batch, and the logs that it was called with; batches indented."""
    from dryfit.facts.readable import six_digits
    from dryfit.run.timeline_events import hook_line

    logs = ", ".join(f"{name}: {six_digits(value)}" for name, value in hook.logs.items())
    line = f"{'  ' * (hook.batch is not None)}{hook_line(hook)}"
    return f"{line:<24}  {logs}" if logs else line


def _unforeseen(scenario: Any, played: Any) -> bool:
    """Whether something was raised that the scenario says nothing of."""
    defect = scenario.known_defect
    expected = [played.call.expect, defect.instead if defect else None]
    return played.error is not None and not any(e and e.raises for e in expected)


def _standalone(target: str, scenarios: list[Any]) -> int:
    from dryfit.scenario.by_name import name_one
    from dryfit.scenario.construct import ConstructionError
    from dryfit.scenario.usage import UsageError
    from dryfit.tools.standalone.plain_script import standalone

    if len(scenarios) > 1:
        told = f"a script shows one scenario, and {target} has {len(scenarios)}; "
        raise UsageError("--standalone", told + name_one(target, scenarios))
    try:
        print(standalone(scenarios[0]), end="")
    except ConstructionError as error:
        raise UsageError(f"--standalone {target}", str(error)) from None
    return 0


def _check_plot(file: Path, target: str, scenarios: list[Any]) -> None:
    """Refuse what cannot become one picture, before anything is played."""
    from dryfit.scenario.by_name import name_one
    from dryfit.scenario.usage import UsageError
    from dryfit.show.plot.endings import SUFFIXES

    if file.suffix.lower() not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise UsageError(f"--plot {file}", f"a picture is a file with one of the endings {known}")
    if not os.path.isdir(file.parent):
        raise UsageError(f"--plot {file}", f"there is no folder {file.parent}; make it")
    if len(scenarios) > 1:
        told = f"a picture shows one scenario, and {target} has {len(scenarios)}; "
        raise UsageError(f"--plot {file}", told + name_one(target, scenarios))

    from dryfit.show.plot.figures import check_matplotlib

    check_matplotlib()


def _plot(file: Path, runs: list[Any], name: str) -> None:
    from dryfit.scenario.usage import UsageError
    from dryfit.show.plot.plot import plot, save

    if not runs:
        raise UsageError(
            f"--plot {file}", "there is nothing to draw; no call was played to its end"
        )
    save(plot(runs, title=name), file)
    say(f"wrote {file}")
