"""``dryfit migrate``: what is decided otherwise on another Keras, Keras 2 before and 3 after."""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dryfit.cli.common import (
    Commands,
    add_format,
    add_trust,
    print_json,
    say,
    say_in_colours,
    trust_of,
)
from dryfit.cli.matrix_command import (
    add_cache,
    add_projects,
    kept_environments,
    missing_projects,
)

if TYPE_CHECKING:
    from dryfit.tools.matrix.cells import Cell
    from dryfit.tools.matrix.ends import End
    from dryfit.tools.matrix.migration import Migration
    from dryfit.tools.matrix.processes import Processes

_CALLBACK = re.compile(r"[A-Z]\w*|[\w.]+:.+", re.DOTALL)  # a name, or what `dryfit check` takes


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser(
        "migrate", help="say what scenarios decide otherwise on Keras 3 than on Keras 2"
    )
    command.add_argument(
        "targets",
        nargs="+",
        metavar="PATH",
        help="files and folders of scenarios, or callbacks, as of `dryfit check`",
    )
    command.add_argument(
        "--from",
        dest="before",
        metavar="RELEASE",
        help="such as tf_keras:2.15, in an environment (default: the tf_keras that is installed)",
    )
    command.add_argument(
        "--to",
        dest="after",
        metavar="RELEASE",
        help="such as latest, in an environment (default: the Keras 3 that is installed)",
    )
    command.add_argument(
        "--scenarios", type=Path, metavar="FOLDER", help="keep the callbacks' scenarios there"
    )
    add_projects(command)
    command.add_argument(
        "--lane", choices=("fake", "real"), default="real", help="where to play (default: real)"
    )
    add_format(command, "text", "json", "markdown")
    add_cache(command)
    add_trust(command)
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.cli.watched_process import under_way
    from dryfit.scenario.usage import UsageError
    from dryfit.tools.matrix.cells import CellError
    from dryfit.tools.matrix.environments import NoUvError
    from dryfit.tools.matrix.processes import ProcessError, Processes

    if problem := missing_projects(options):
        raise UsageError(*problem)
    under_way(", ".join(options.targets))
    processes = Processes()
    try:
        found = _found(options, processes)
    except (CellError, NoUvError, ProcessError) as error:
        raise UsageError("", str(error)) from error
    finally:
        processes.end()
    _tell(found, options.format)
    if options.scenarios is None and any(map(_is_callback, options.targets)):
        say("--scenarios FOLDER keeps the scenarios of callbacks", file=sys.stderr)
    return _status(found)


def _status(found: "Migration") -> int:
    """The status, which is 0 only where something was compared, and nothing was left out."""
    if not found.same and not found.otherwise:
        return 2
    only_raise = len(found.raising) == found.same
    return int(bool(found.otherwise or found.unplayed or only_raise))


def _found(options: argparse.Namespace, processes: "Processes") -> "Migration":
    from dryfit.scenario.by_name import load_all
    from dryfit.tools.matrix.ends import write_battery
    from dryfit.tools.matrix.in_a_cell import groups
    from dryfit.tools.matrix.migration import migration
    from dryfit_fakes.quantities import quantity

    callbacks = [target for target in options.targets if _is_callback(target)]
    paths = [Path(target) for target in options.targets if target not in callbacks]
    trust = trust_of(options)
    # What is wrong with them is said before anything is made; nothing need be expected.
    scenarios = load_all(paths, unfinished=True, trust=trust) if paths else []
    asked = _asked(options)
    counts = [(len([*groups(scenarios)]), "scenario"), (len(callbacks), "callback")]
    what = " and ".join(quantity(count, of) for count, of in counts if count)
    say(f"{what}, on two releases of Keras; this takes a minute or more", file=sys.stderr)
    ends = _ends(asked, options, processes)
    with _folder(options.scenarios) as folder:
        if callbacks:
            paths += write_battery(processes, ends[0], callbacks, folder)
        found = migration(ends, paths, options.lane, trust, processes)
        return found if options.scenarios else found.without(folder)


def _is_callback(target: str) -> bool:
    return _CALLBACK.fullmatch(target) is not None and not os.path.lexists(target)


def _asked(options: argparse.Namespace) -> "list[tuple[Cell | None, End | None]]":
    """What each end is to be: a release that is named, or else what is installed here."""
    from dryfit.scenario.usage import UsageError
    from dryfit.tools.matrix.cells import cells
    from dryfit.tools.matrix.ends import installed_end

    asked = (options.before, options.after)
    wanted = [cells([release], ["tensorflow"])[0] if release else None for release in asked]
    here = [installed_end(legacy=True), installed_end(legacy=False)]
    for cell, end, words in zip(wanted, here, _MISSING, strict=True):
        if cell is None and end is None:
            raise UsageError("", words)
    return [*zip(wanted, here, strict=True)]


def _ends(
    asked: "list[tuple[Cell | None, End | None]]",
    options: argparse.Namespace,
    processes: "Processes",
) -> "tuple[End, End]":
    from dryfit.tools.matrix.ends import end_of

    named = any(cell for cell, _ in asked)
    environments = kept_environments(options, processes)[1] if named else None
    before, after = (
        end_of(cell, environments) if cell and environments else end for cell, end in asked
    )
    assert before is not None
    assert after is not None
    return before, after


_MISSING = (
    "Keras 2 is not installed: pip install 'dryfit[legacy]', or name one with --from tf_keras:2.15",
    "Keras 3 is not installed: name one with --to latest",
)


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    """Where the callbacks' scenarios are written."""
    from dryfit.scenario.whole_file import make_folder

    if kept is not None:
        make_folder(kept)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="dryfit-migrate-") as name:
        yield Path(name)


def _tell(found: "Migration", form: str) -> None:
    from dryfit.tools.matrix.migration_pages import (
        as_migration_data,
        as_migration_markdown,
        as_migration_text,
    )

    if form == "json":
        print_json(as_migration_data(found))
    elif form == "markdown":
        say(as_migration_markdown(found))
    else:
        say_in_colours(as_migration_text(found))
