"""``dryfit replay``: its tables as the page shows them, its JSON, and which scenario is meant."""

import json
import math
import re
import shlex
from pathlib import Path

import pytest
from recorded_curve import recording

from dryfit.cli import main

PAGE = (Path(__file__).parents[3] / "docs" / "what-if.md").read_text(encoding="utf-8")


def _write_files() -> None:
    """The page's files: the run of Monday, and a log."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.S | re.M)
    for name, block in zip(("monday", "log"), blocks, strict=True):
        Path(f"{name}.scenario.yaml").write_text(block, encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "shown"), re.findall(r"^```text\n\$ dryfit (.*?)\n(.*?)^```", PAGE, re.S | re.M)
)
def test_the_page_shows_what_is_printed(
    command: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole tables: stops, a setting that goes on, cuts, and other rates."""
    _write_files()
    assert main(shlex.split(command)) == 0
    assert capsys.readouterr().out == shown


def test_the_page_s_python_holds() -> None:
    """As it stands there."""
    _write_files()
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.S | re.M)
    exec(code, {})


def test_a_row_that_raises_has_its_error(capsys: pytest.CaptureFixture[str]) -> None:
    """The others are told all the same; exit status 2 is for no answer at all."""
    recording()
    target = ["replay", "run.scenario.yaml", "--format", "json", "--with"]
    assert main([*target, "ReduceLROnPlateau: {factor: .5|2}"]) == 0
    errors = [row["error"] for row in json.loads(capsys.readouterr().out)]
    refusal = "ValueError: ReduceLROnPlateau does not support a factor >= 1.0. Received factor=2"
    assert errors == ["", "", refusal]
    assert main([*target, "RaiseAt: {epoch: 1, raises: {import: 'builtins:LookupError'}}"]) == 2
    errors = [row["error"].partition(":")[0] for row in json.loads(capsys.readouterr().out)]
    assert errors == ["", "LookupError"]


def test_an_error_of_many_rows_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """The rows below it say that it is the same."""
    recording()
    main(
        ["replay", "run.scenario.yaml", "--with", "ReduceLROnPlateau: {factor: 2, patience: 1..3}"]
    )
    printed = " ".join(capsys.readouterr().out.split())
    assert printed.count("does not support a factor") == 1
    assert printed.count("ValueError, as above") == 2


def test_json_has_a_row_a_setting(capsys: pytest.CaptureFixture[str]) -> None:
    """With the items, and null where there is nothing to tell."""
    recording()
    command = ["replay", "run.scenario.yaml", "--with", "EarlyStopping: {patience: 2}"]
    assert main([*command, "--format", "json"]) == 0
    recorded, row = json.loads(capsys.readouterr().out)
    assert (recorded["with"], recorded["stopped"]) == ([], None)
    assert row == {
        "with": [{"EarlyStopping": {"patience": 2}}],
        "stopped": {"epoch": 3, "batch": None, "by": "EarlyStopping"},
        "goes_on": False,
        "epochs_run": 4,
        "best": 0.5,
        "best_epoch": 1,
        "worse_by": pytest.approx(0.1),
        "epochs_saved": 6,
        "weights": {"epoch": 1, "batch": 0},
        "reductions": [],
        "other_rates_from": None,
        "error": "",
    }


def test_infinity_is_text_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON has no number for it; inf is as good as inf."""
    recording("name: a\nscript: {metrics: {loss: inf inf}}")
    assert main(["replay", "run.scenario.yaml", "--with", "History", "--format", "json"]) == 0
    row = json.loads(capsys.readouterr().out, parse_constant=lambda text: math.nan)[1]
    assert (row["best"], row["worse_by"]) == ("inf", 0.0)


def test_one_scenario_of_several_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Which there are is said."""
    text = "name: {0}\nscript: {{metrics: {{loss: 1x2}}}}\n"
    Path("two.scenario.yaml").write_text(f"{text.format('one')}---\n{text.format('two')}")
    ask = ["--with", "TerminateOnNaN"]
    assert main(["replay", "two.scenario.yaml::two", *ask]) == 0
    assert capsys.readouterr().out.startswith("two.scenario.yaml:4: two\n")
    assert main(["replay", "two.scenario.yaml", *ask]) == 2
    assert main(["replay", "two.scenario.yaml::twi", *ask]) == 2
    assert capsys.readouterr().err == (
        "dryfit replay: two.scenario.yaml: several scenarios; name one of them, as "
        "two.scenario.yaml::one. There are one, two\n"
        "dryfit replay: two.scenario.yaml::twi: no scenario 'twi'; did you mean 'two'? "
        "There are one, two\n"
    )
