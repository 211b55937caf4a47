"""Scenarios for tests of reports, played for them."""

from pathlib import Path

from dryfit import load_scenarios
from dryfit.judge.parity import compared
from dryfit.judge.verdict import judge
from dryfit.show.page.entry import Entry, of_verdict
from dryfit.show.plot.plot import as_svg
from dryfit.tools.sweep.patience_slider import slider_of

HOLDS = """\
name: stops
source: [keras#8829, by hand]
script: {metrics: {loss: 1x3}}
callbacks: [EarlyStopping: {monitor: loss, patience: 1}]
expect: {stopped: {epoch: 1}}
"""

FAILS = """\
# One bad number.
name: stops too late
script: {metrics: {loss: 1x3}}
callbacks:
  - EarlyStopping: {monitor: loss, patience: 1}
expect:
  epochs_run: 2
  stopped: {epoch: 2}
"""

SCRIPT = "<script>document.title = 'hit'</script>"
MARKUP = f"""\
name: "{SCRIPT}"
about: "</script>{SCRIPT}<img src=x onerror=alert(1)>"
source: ["javascript:alert(1)", "https://example.org/?a=1&b=<b>"]
script: {{metrics: {{loss: 1x2, "{SCRIPT}": 1x2, "$\\\\frac{{$": 1x2}}}}
expect: {{epochs_run: 1}}
"""


def entries(folder: Path, text: str, *lanes: str, drawn: bool = False) -> list[Entry]:
    """Write a file of scenarios, play them, and say what a page needs of them."""
    file = folder / "a.scenario.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    found = []
    for scenario in load_scenarios(file):
        verdicts = [judge(scenario, lane, whole=len(lanes) > 1) for lane in lanes or ("fake",)]
        if len(verdicts) > 1:
            verdicts[1] = compared(*verdicts)
        found += [
            of_verdict(verdict, folder.parent, draw=as_svg if drawn else None, slid=slider_of)
            for verdict in verdicts
        ]
    return found
