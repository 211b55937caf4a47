"""Scripts for plain Keras: what they show is what the scenario says, without dryfit."""

import subprocess
import sys
from pathlib import Path

import pytest

from dryfit.cli import main
from dryfit.scenario.conditions import Condition
from dryfit.scenario.load import find_files, load_scenarios
from dryfit.scenario.scenario import Scenario
from dryfit.tools.standalone.plain_script import standalone

PACK = Path(__file__).parents[3] / "scenarios"
# Runs scripts one after another in a process that has no dryfit, and prints their exit statuses.
DRIVER = """
import contextlib, io, runpy, sys
for path in sys.argv[1:]:
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            runpy.run_path(path, run_name="__main__")
    except SystemExit as end:
        print(end.code, path.rpartition("/")[2], said.getvalue().splitlines()[-1])
assert not [name for name in sys.modules if name.startswith("dryfit")]
"""


def scenarios(*folders: str) -> list[Scenario]:
    files = find_files([PACK / folder for folder in folders])
    return [scenario for file in files for scenario in load_scenarios(file)]


def statuses(chosen: list[Scenario], folder: Path) -> dict[str, int]:
    for scenario in chosen:
        (folder / f"{scenario.slug}.py").write_text(standalone(scenario))
    paths = [str(folder / f"{scenario.slug}.py") for scenario in chosen]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, *paths], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    return {row[1].removesuffix(".py"): int(row[0]) for row in rows}


def here(condition: Condition | None) -> bool:
    return condition is None or condition.unmet() is None


def test_every_known_defect_shows_in_plain_keras(tmp_path: Path) -> None:
    """Each script ends with status 1."""
    chosen = [s for s in scenarios("defects") if here(s.condition) and here(s.defect_condition)]
    assert len(chosen) >= 14
    assert statuses(chosen, tmp_path) == {scenario.slug: 1 for scenario in chosen}


def test_what_is_as_documented_shows_so(tmp_path: Path) -> None:
    """Scripts of scenarios without a defect end with status 0: they can hold."""
    files = ["early_stopping/patience", "reduce_lr/cooldown", "nan/terminate_on_nan"]
    named = scenarios(*(f"{file}.scenario.yaml" for file in files))
    chosen = [s for s in named if here(s.condition) and s.known_defect is None]
    assert len(chosen) >= 10
    assert statuses(chosen, tmp_path) == {scenario.slug: 0 for scenario in chosen}


def write(folder: Path, text: str) -> Path:
    file = folder / "one.scenario.yaml"
    file.write_text(text)
    return file


SCENARIO = """\
name: one
script:
  metrics: {{{metrics}}}
callbacks:
  - {callback}
expect: {{{expect}}}
"""

DIRECTED = ("recall", "auc", "accuracy", "precision")  # the first of the list is named


@pytest.mark.parametrize(
    ("metrics", "callback", "expect", "message"),
    [
        ("loss: 1x2", "StopAt: {epoch: 0}", "epochs_run: 1", "has StopAt, which is no callback"),
        (
            "loss: 1x2, val_auc: .1x2",
            "EarlyStopping: {monitor: val_auc}",
            "epochs_run: 2",
            "monitors auc, whose direction a metric's object tells",
        ),
        (
            ", ".join(["loss: 1x2", *(f"val_{name}: .1x2" for name in DIRECTED)]),
            "\n  - ".join(f"EarlyStopping: {{monitor: val_{name}}}" for name in DIRECTED),
            "epochs_run: 2",
            "monitors recall, whose direction a metric's object tells",
        ),
        ("loss: 1x10001", "History", "epochs_run: 1", "has 10,001 batches, and a script that some"),
        ("loss: 1x2", "History", "overrides: []", "expects nothing that shows in plain Keras"),
    ],
)
def test_what_plain_keras_cannot_show_is_refused(
    metrics: str,
    callback: str,
    expect: str,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Status 2, and the reason with the scenario's place."""
    file = write(tmp_path, SCENARIO.format(metrics=metrics, callback=callback, expect=expect))
    assert main(["trace", str(file), "--standalone"]) == 2
    assert f"{file}:1: one: {message}" in capsys.readouterr().err


def test_one_scenario_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The script of the only scenario of a file, with its callback as code."""
    file = write(
        tmp_path,
        SCENARIO.format(
            metrics="loss: 1, val_loss: 1x3",
            callback="EarlyStopping: {patience: 2}",
            expect="epochs_run: 3",
        ),
    )
    assert main(["trace", str(file), "--standalone"]) == 0
    printed = capsys.readouterr().out
    assert "    return [keras.callbacks.EarlyStopping(patience=2)]\n" in printed
    assert "dryfit" not in printed


def test_several_scenarios_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """The error names them."""
    assert main(["trace", str(PACK / "defects/nan_first.scenario.yaml"), "--standalone"]) == 2
    assert "nan_first.scenario.yaml has " in capsys.readouterr().err
