"""Writes the commands with their options, from their parsers, for ``docs/command-line.md``.

``python tests/docs/cli_page.py`` prints them; ``--write`` puts them on the page.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from dryfit.cli import parser
from dryfit.cli.command_help import ABOUT

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"
BEGIN, END = "<!-- commands: begin -->\n", "<!-- commands: end -->\n"
_REPEATED = {"+": "…", "*": "…"}


def sections() -> str:
    """All commands, in the order of ``dryfit --help``."""
    (commands,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return "".join(_section(name, made) for name, made in commands.choices.items())


def _section(name: str, command: argparse.ArgumentParser) -> str:
    about = ABOUT[name]
    examples = "\n".join(f"dryfit {name} {example}".rstrip() for example in about.examples)
    statuses = " ".join(about.statuses.split())
    page = about.page.removeprefix("docs/")
    title = re.findall(r"^# (.*)$", (PAGE.parent / page).read_text(encoding="utf-8"), re.M)[0]
    return (
        f"## dryfit {name}\n\n{about.sentence} See [{title}]({page}).\n\n"
        f"```sh\n{examples}\n```\n\n{_table(command)}Exit status: {statuses}.\n\n"
    )


def _table(command: argparse.ArgumentParser) -> str:
    rows = "".join(f"| {shown} | {_told(action)} |\n" for shown, action in _rows(command))
    return f"| argument | what it does |\n|---|---|\n{rows}\n" if rows else ""


def _rows(command: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    """What is written on a command line, in the order in which it is declared."""
    for action in command._actions:
        if action.help is not argparse.SUPPRESS and not isinstance(action, argparse._HelpAction):
            names = ", ".join(f"`{name}`" for name in action.option_strings)
            value = _value(action)
            yield (f"{names[:-1]} {value}`" if names and value else names or f"`{value}`"), action


def _value(action: argparse.Action) -> str:
    """What stands behind an option's name, or in the place of an argument."""
    if action.nargs == 0:
        return ""
    if isinstance(action.metavar, tuple):
        return " ".join(action.metavar)
    return (action.metavar or action.dest.upper()) + _REPEATED.get(str(action.nargs), "")


def _told(action: argparse.Action) -> str:
    """What it does, and what it may be where ``--help`` has that in the name's place."""
    choices = [] if action.metavar else [f"`{choice}`" for choice in action.choices or ()]
    return ": ".join(filter(None, [_quoted(action.help or ""), ", ".join(choices)]))


def _quoted(text: str) -> str:
    return re.sub(r"([|<*\[\]])", r"\\\1", text.replace("%%", "%"))


if __name__ == "__main__":
    text = sections()
    if "--write" in sys.argv:
        page = PAGE.read_text(encoding="utf-8")
        head, tail = page.split(BEGIN)[0], page.split(END)[1]
        PAGE.write_text(f"{head}{BEGIN}{text}{END}{tail}", encoding="utf-8")
    else:
        print(text)
