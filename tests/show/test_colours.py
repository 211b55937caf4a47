"""Reports and differences have colours in a terminal, and say the same without."""

import re
from io import StringIO

import pytest
from rich.console import Console

from dryfit.show.colours import in_colours

REPORT = """\
a.scenario.yaml:1: two bad [fake]
  stopped.epoch  (a.scenario.yaml:5)
    exp: 4
    got: 3
  \u2713 plain run
  \u2717 no validation  raises KeyError
      why: logs have no val_loss then
      write: logs.get("val_loss")
--- a
+++ b
@@ -1 +1 @@
-  stopped: {epoch: 4}
+  stopped: {epoch: 3}
1 scenario, 1 check, in fake; 1 failed
2 scenarios, 2 checks, in fake; 2 passed
2 scenarios, 2 checks, in fake; 1 file cannot be used; 2 passed
"""


def a_terminal(width: int = 60, *, no_color: bool = False) -> Console:
    return Console(
        file=StringIO(),
        width=width,
        force_terminal=True,
        color_system="standard",
        no_color=no_color,
        _environ={},
    )


def test_lines_have_colours_by_how_they_begin() -> None:
    """What was expected and is new is green; what came and is gone, red."""
    lines = in_colours(REPORT, a_terminal()).splitlines()
    colours = {
        re.sub(r"\x1b\[[0-9;]*m", "", line): re.findall(r"\[([0-9;]+)m", line) for line in lines
    }
    assert [colours[line][0] for line in ("    exp: 4", "+  stopped: {epoch: 3}")] == ["32", "32"]
    assert [colours[line][0] for line in ("    got: 3", "-  stopped: {epoch: 4}")] == ["31", "31"]
    assert colours["  \u2717 no validation  raises KeyError"][0] == "31"
    assert colours["1 scenario, 1 check, in fake; 1 failed"][0] == "1;31"
    assert colours["2 scenarios, 2 checks, in fake; 2 passed"][0] == "1;32"
    unusable = "2 scenarios, 2 checks, in fake; 1 file cannot be used; 2 passed"
    assert colours[unusable][0] == "1;31"


@pytest.mark.parametrize("terminal", [None, a_terminal(no_color=True)])
def test_without_colours_it_is_the_text(terminal: Console | None) -> None:
    """Piped, or with NO_COLOR."""
    assert in_colours(REPORT, terminal) == REPORT


def test_nothing_is_wrapped_or_lost() -> None:
    """At any width: a terminal breaks lines by itself, and copies them whole."""
    long = f"    got: {'x' * 200} [red]y[/red] :smile:\n"
    coloured = in_colours(long, a_terminal(width=20))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == long
