"""docs/command-line.md says what the parsers say."""

import re

from cli_page import BEGIN, END, PAGE, sections

import dryfit.cli


def test_the_commands_are_up_to_date() -> None:
    """Every option and what it does; `python tests/docs/cli_page.py --write` mends it."""
    page = PAGE.read_text(encoding="utf-8")
    assert page.partition(BEGIN)[2].partition(END)[0] == sections()


def test_every_status_is_told() -> None:
    """Those of the commands' module, which says them for whoever reads the code."""
    page = PAGE.read_text(encoding="utf-8")
    told = re.findall(r"^\| (\d+) \|", page, re.M)
    assert told == re.findall(r"(\d+):", dryfit.cli.__doc__ or "")
