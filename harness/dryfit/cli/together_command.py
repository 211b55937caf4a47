"""``dryfit together``: what callbacks do to each other."""

import argparse
from pathlib import Path

from dryfit.cli.common import Commands, add_format, add_trust, print_json, say_in_colours, trust_of
from dryfit.judge.quiet import quiet


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("together", help="show what callbacks do to each other")
    command.add_argument(
        "targets",
        nargs="+",
        metavar="FILE|CALLBACK",
        help="callbacks as in a file, such as 'EarlyStopping: {patience: 3}'; a scenario file "
        "or recording gives its curve, and its callbacks where none is named",
    )
    add_format(command, "text", "json")
    command.add_argument(
        "--curves", type=int, default=200, metavar="N", help="made at random (default: 200)"
    )
    command.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")
    command.add_argument(
        "--save", type=Path, metavar="FILE", help="write the witnesses as a scenario file"
    )
    add_trust(command)
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.cli.watched_process import under_way
    from dryfit.scenario.construct import ConstructionError
    from dryfit.scenario.new_file import check_new, write_new
    from dryfit.scenario.usage import UsageError
    from dryfit.show.colours import terminal
    from dryfit.tools.together import together_report
    from dryfit.tools.together.subjects import of_targets
    from dryfit.tools.together.together import TogetherError, together

    if options.curves < 1:
        raise UsageError("--curves", f"is 1 or more, not {options.curves}")
    if options.save is not None:
        check_new(options.save, "--save")
    under_way(", ".join(options.targets))
    try:
        trust = trust_of(options)
        with quiet(), of_targets(options.targets, trust) as (items, recorded):
            found = together(items, recorded, curves=options.curves, seed=options.seed, trust=trust)
    except (ConstructionError, TogetherError) as error:
        raise UsageError("", str(error)) from None
    if options.format == "json":
        print_json(together_report.as_data(found))
    else:
        console = terminal()
        width = console.width if console else together_report.WIDTH
        say_in_colours(together_report.text_of(found, width))
    if options.save is not None:
        write_new(options.save, together_report.scenarios_of(found), "--save")
    return 0
