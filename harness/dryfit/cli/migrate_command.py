"""``dryfit migrate``: what scenarios decide otherwise on Keras 3 than on Keras 2."""

import argparse
from pathlib import Path

from dryfit.cli.common import Commands, add_format, add_trust, print_json, say, trust_of


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser(
        "migrate", help="say what scenarios decide otherwise on Keras 3 than on Keras 2"
    )
    command.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
    command.add_argument(
        "--lane", choices=("fake", "real"), default="real", help="where to play (default: real)"
    )
    add_format(command, "text", "json", "markdown")
    add_trust(command)
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from importlib.util import find_spec

    from dryfit.cli.watched_process import under_way
    from dryfit.scenario.by_name import load_all
    from dryfit.scenario.usage import UsageError
    from dryfit.tools.matrix.migration import (
        as_migration_data,
        as_migration_markdown,
        as_migration_text,
        migration,
    )
    from dryfit.tools.matrix.processes import ProcessError

    if find_spec("tf_keras") is None:
        raise UsageError("", "Keras 2 is not installed: pip install 'dryfit[legacy]'")
    under_way(", ".join(map(str, options.paths)))
    trust = trust_of(options)
    scenarios = load_all(options.paths, trust=trust)
    try:
        found = migration(options.paths, options.lane, scenarios, trust)
    except ProcessError as error:
        raise UsageError("", str(error)) from error
    if options.format == "json":
        print_json(as_migration_data(found, options.lane))
    elif options.format == "markdown":
        say(as_migration_markdown(found))
    else:
        say(as_migration_text(found, options.lane))
    return int(bool(found.otherwise))
