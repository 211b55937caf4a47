"""``dryfit replay``: show what other settings would have decided."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryfit.cli.common import plain, print_json, quiet

if TYPE_CHECKING:
    from dryfit.scenario.load import Scenario
    from dryfit.what_if import Row


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("replay", help="show what other settings would have decided")
    command.add_argument("target", metavar="FILE[::SLUG]", help="a recording, as a scenario file")
    command.add_argument(
        "--with",
        action="append",
        required=True,
        dest="items",
        metavar="ITEM",
        help="a callback as in a file, such as 'EarlyStopping: {patience: 1..20, mode: min|max}'; "
        "its arguments go over those of the file's first callback of the class",
    )
    command.add_argument("--monitor", metavar="METRIC", help="what to compare by, such as val_loss")
    command.add_argument("--format", choices=("text", "json"), default="text", help="how to print")
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.comparison import comparison
    from dryfit.what_if import what_if

    scenario = _recording(options.target)
    with quiet():
        rows = what_if(scenario, options.items, options.monitor)
    if options.format == "json":
        print_json([_row_as_json(row) for row in rows])
    else:
        print(f"{scenario.file}:{scenario.line(('name',))}: {scenario.name}")
        print(comparison(rows))
    return 2 if all(row.error for row in rows[1:]) else 0  # nothing that was asked is answered


def _recording(target: str) -> "Scenario":
    """The one scenario that is meant; what it expects is of no concern."""
    from dryfit.scenario.load import load_scenarios
    from dryfit.scenario.problems import Problem, ScenarioFileError, did_you_mean

    path, _, slug = target.partition("::")
    scenarios = load_scenarios(path, unfinished=True)
    found = [scenario for scenario in scenarios if slug in ("", scenario.slug)]
    if len(found) == 1:
        return found[0]
    slugs = [scenario.slug for scenario in scenarios]
    known = ", ".join(slugs)
    message = f"no scenario {slug!r}{did_you_mean(slug, slugs) or '.'} There are {known}"
    if found:
        message = f"several scenarios; name one of them, as {path}::{slugs[0]}. There are {known}"
    raise ScenarioFileError([Problem(Path(path), 1, "", message)])


def _row_as_json(row: "Row") -> dict[str, Any]:
    stop, weights = row.stopped, row.weights
    return {
        "with": [{name: arguments} for name, arguments in row.asked],
        "stopped": stop and {"epoch": stop.epoch, "batch": stop.batch, "by": stop.by},
        "goes_on": row.goes_on,
        "epochs_run": row.epochs_run,
        "best": plain(row.best),
        "best_epoch": row.best_epoch,
        "worse_by": plain(row.worse_by),
        "epochs_saved": row.epochs_saved,
        "weights": weights and {"epoch": weights.epoch, "batch": weights.batch},
        "reductions": [
            {"epoch": c.epoch, "by": c.by, "old": plain(c.old), "new": plain(c.new)}
            for c in row.reductions
        ],
        "other_rates_from": row.other_rates_from,
        "error": row.error,
    }
