"""The command line: a module for each command; wiring only.

Exit status 0: all hold. 1: some do not. 2: bad input or usage. 3: the machine is too busy
to tell (``bench``). 70: an internal error. 130: interrupted. 141: nobody reads what is
printed. 143: terminated.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial

from dryfit.cli import (
    accept_command,
    bench_command,
    check_command,
    demo_command,
    explore_command,
    matrix_command,
    migrate_command,
    mutate_command,
    record_command,
    replay_command,
    run_command,
    schema_command,
    sweep_command,
    together_command,
    trace_command,
)
from dryfit.cli.command_help import Start, describe, no_such_command, no_such_option
from dryfit.cli.completion import SHELLS, print_completion
from dryfit.cli.ending import BAD_INPUT, status_of
from dryfit.cli.usable_streams import usable_streams
from dryfit.cli.watched_process import can_watch, watched
from dryfit.facts.visible_text import visible

# Commands that play callbacks in their own process, or in one that they start for it; what
# `run --watch` plays has processes of its own already.
_PLAY = "run trace accept replay sweep bench explore mutate together migrate demo".split()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status.

    Args:
        arguments: those of this process unless given; a program that gives some is not forked.
    """
    with usable_streams():
        words = sys.argv[1:] if arguments is None else list(arguments)
        made, commands = _parsers()
        if words and words[0] not in commands and not words[0].startswith("-"):
            print(visible(no_such_command(words[0], commands)), file=sys.stderr)
            return BAD_INPUT
        options, unknown = made.parse_known_args(words)
        if unknown:
            command = commands.get(options.name, made)
            print(visible(no_such_option(command, words, unknown)), file=sys.stderr)
            return BAD_INPUT
        options.typed = ["dryfit", *words]  # what a page says it was made by
        if options.version:
            from dryfit.show.version_line import version_line  # it reads what is installed

            print(version_line())
            return 0
        if options.print_completion:
            printed = partial(print_completion, made, options.print_completion)
            return status_of("--print-completion", printed)
        if options.name is None:
            made.print_help()
            return 0
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's chatter at import
        status = partial(status_of, options.name, partial(options.command, options))
        here = options.name in _PLAY and not getattr(options, "watch", False)
        if arguments is None and here and can_watch():
            return watched(options.name, status, again=options.name == "run")
        return status()


def parser() -> argparse.ArgumentParser:
    """Make the parser of all commands."""
    return _parsers()[0]


def _parsers() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """The parser of all commands, and that of each by its name."""
    made = Start(
        prog="dryfit",
        description="Prove what a Keras callback does, epoch by epoch.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--version", action="store_true", help="say which dryfit, Keras, backend and Python"
    )
    made.add_argument(
        "--print-completion", choices=SHELLS, metavar="SHELL", help=f"for {', '.join(SHELLS)}"
    )
    commands = made.add_subparsers(
        dest="name", metavar="COMMAND", parser_class=argparse.ArgumentParser
    )
    for command in (
        run_command,
        trace_command,
        accept_command,
        replay_command,
        sweep_command,
        record_command,
        bench_command,
        check_command,
        explore_command,
        mutate_command,
        together_command,
        matrix_command,
        migrate_command,
        schema_command,
        demo_command,
    ):
        command.add(commands)
    for name, command_parser in commands.choices.items():
        describe(name, command_parser)
    return made, commands.choices
