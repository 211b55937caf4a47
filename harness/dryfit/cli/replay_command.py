"""``dryfit replay``: show what other settings would have decided."""

import argparse
from typing import TYPE_CHECKING, Any

from dryfit.cli.common import (
    Commands,
    add_format,
    add_trust,
    print_json,
    say_in_colours,
    trust_of,
)
from dryfit.judge.quiet import quiet

if TYPE_CHECKING:
    from dryfit.tools.replay.what_if import Row


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("replay", help="show what other settings would have decided")
    command.add_argument("target", metavar="FILE[::SLUG]", help="a recording, as a scenario file")
    command.add_argument(
        "--with",
        action="append",
        required=True,
        dest="items",
        metavar="CALLBACK",
        help="a callback as in a file, such as 'EarlyStopping: {patience: 1..20, mode: min|max}'; "
        "its arguments go over those of the file's first callback of the class",
    )
    command.add_argument("--monitor", metavar="METRIC", help="what to compare by, such as val_loss")
    add_format(command, "text", "json")
    add_trust(command)
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.scenario.by_name import addressed_one

    # What it expects is no concern.
    scenario = addressed_one(options.target, unfinished=True, trust=trust_of(options))

    from dryfit.cli.watched_process import under_way  # what is wrong is told before Keras loads
    from dryfit.show.colours import terminal
    from dryfit.tools.replay.what_if import what_if
    from dryfit.tools.replay.what_if_table import comparison

    under_way(f"{scenario.file}::{scenario.slug}")
    with quiet():
        rows = what_if(scenario, options.items, options.monitor)
    if options.format == "json":
        print_json([_row_as_json(row) for row in rows])
    else:
        say_in_colours(f"{scenario.file}:{scenario.line(('name',))}: {scenario.name}")
        print(comparison(rows, terminal()))
    return 2 if all(row.error for row in rows[1:]) else 0  # nothing that was asked is answered


def _row_as_json(row: "Row") -> dict[str, Any]:
    stop, weights = row.stopped, row.weights
    return {
        "with": [{name: arguments} for name, arguments in row.asked],
        "stopped": stop and {"epoch": stop.epoch, "batch": stop.batch, "by": stop.by},
        "goes_on": row.goes_on,
        "epochs_run": row.epochs_run,
        "best": row.best,
        "best_epoch": row.best_epoch,
        "worse_by": row.worse_by,
        "epochs_saved": row.epochs_saved,
        "weights": weights and {"epoch": weights.epoch, "batch": weights.batch},
        "reductions": [
            {"epoch": c.epoch, "by": c.by, "old": c.old, "new": c.new} for c in row.reductions
        ],
        "other_rates_from": row.other_rates_from,
        "error": row.error,
    }
