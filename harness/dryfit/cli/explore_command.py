"""``dryfit explore``: look for what a callback does not do as documented."""

import argparse
from itertools import chain
from pathlib import Path

from dryfit.cli.common import Commands, add_jobs, add_training, say, training_for
from dryfit.judge.quiet import quiet
from dryfit_fakes.quantities import quantity


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser(
        "explore", help="look for what a callback does not do as documented"
    )
    command.add_argument(
        "target",
        metavar="CALLBACK",
        help="a name, 'Name: {argument: value}', where 1..3 and a|b are drawn from, "
        "pkg.module:Class or pkg.module:function",
    )
    add_training(command)
    command.add_argument(
        "--examples", type=int, default=200, metavar="N", help="of each search (default: 200)"
    )
    command.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")
    add_jobs(command, "processes that share a search's examples (default: 1)")
    command.add_argument(
        "--except",
        action="append",
        default=[],
        dest="known",
        metavar="DEFECT",
        help="leave out a known defect, by its id or name",
    )
    command.add_argument(
        "--save", type=Path, metavar="FILE", help="write what is found as a scenario file"
    )
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.cli.watched_process import under_way
    from dryfit.lanes.parallel_jobs import WorkersDiedError, end_workers
    from dryfit.scenario.alternatives import read_alternatives
    from dryfit.scenario.construct import ConstructionError, importable
    from dryfit.scenario.new_file import check_new, write_new
    from dryfit.scenario.usage import UsageError
    from dryfit.tools.explore.exploring import explore

    if options.examples < 1:
        raise UsageError("--examples", f"it is 1 or more, not {options.examples}")
    if options.save is not None:
        check_new(options.save, "--save")
    training = training_for(options)
    asked = read_alternatives(options.target)
    under_way(options.target)
    with importable(Path()):
        try:
            make = asked.kind()
            with quiet():
                exploration = explore(
                    make,
                    given={name: [*chain(*parts)] for name, parts in asked.arguments.items()},
                    training=training,
                    examples=options.examples,
                    seed=options.seed,
                    without=options.known,
                    jobs=options.jobs,
                )
        except UsageError:
            raise
        except WorkersDiedError as error:
            raise UsageError("--jobs", f"{error}; --jobs 1 names what ends Python") from None
        except (ConstructionError, TypeError, ValueError) as error:
            raise UsageError("", str(error)) from error
        finally:
            if options.jobs > 1:
                end_workers()
    seeds = f"{options.seed} and on" if options.jobs > 1 else f"{options.seed}"
    played = f"{quantity(exploration.examples, 'example')}, seed {seeds}"
    if not exploration.found:
        say(f"{options.target} does what is documented, in {played}")
        return 0
    text = "---\n".join(map(str, exploration.found))
    if options.save is not None:
        file = write_new(options.save, text, "--save")
        say(f"{file}: play it with `dryfit run {file}`")
    else:
        print(text, end="")
    # A comment, for what is printed to be a scenario file as a whole.
    say(f"# {len(exploration.found)} not as documented, in {played}")
    return 1
