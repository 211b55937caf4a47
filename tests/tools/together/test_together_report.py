"""What is said of a list, in lines."""

from rich.console import Console

from dryfit.show.long_lines import folded
from dryfit.tools.together.together import Statement, Together
from dryfit.tools.together.together_report import text_of

SENTENCE = "The order of First and Second does not matter, in all 190 curves in which both do"
FOUND = Together(("First", "Second"), (Statement(SENTENCE, True, False, ""),), 200, ())
NARROW = """\
1. The order of First and Second does
   not matter, in all 190 curves in
   which both do.

First and Second do not get in each
other's way: 200 curves."""


def test_a_statement_goes_on_behind_its_number_in_a_narrow_terminal() -> None:
    """All of it; what prints in a terminal has nothing left to fold."""
    assert text_of(FOUND, 40) == NARROW
    assert folded(NARROW, Console(width=40)) == NARROW
