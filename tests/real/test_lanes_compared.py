"""`--lane both` compares the lanes' timelines, and a scenario may say why they differ."""

from pathlib import Path

import pytest

from dryfit.cli import main

TELLTALE = """
from keras.callbacks import Callback

class Telltale(Callback):
    def on_epoch_end(self, epoch, logs=None):
        print(type(self.model).__name__)
"""
SCENARIO = """
name: a callback that tells the lanes apart
script: {metrics: {loss: 1x2}}
callbacks: ["telltale:Telltale"]
expect: {epochs_run: 2}
"""
QUIET = SCENARIO.replace('callbacks: ["telltale:Telltale"]', "callbacks: [TerminateOnNaN]")
DIFFERS = "differs: the models have different classes\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run a scenario in both lanes: the exit status, and the lines that were printed."""
    monkeypatch.chdir(tmp_path)
    Path("telltale.py").write_text(TELLTALE)

    def play(text: str) -> tuple[int, list[str]]:
        Path("one.scenario.yaml").write_text(text)
        status = main(["run", "--lane", "both", "one.scenario.yaml"])
        return status, capsys.readouterr().out.splitlines()

    return play


def test_lanes_that_differ_fail(run) -> None:
    """What each lane is expected to do it does, and they still are not the same."""
    status, lines = run(SCENARIO)
    assert status == 1
    assert lines[1:5] == [
        "one.scenario.yaml:2: a callback that tells the lanes apart [real]",
        "  the lanes' timelines, epoch 0  (one.scenario.yaml:2)",
        "    exp: Printed(epoch=0, batch=None, hook='on_epoch_end', by='Telltale', "
        "text='ScriptedModel')",
        "    got: Printed(epoch=0, batch=None, hook='on_epoch_end', by='Telltale', "
        "text='Sequential')",
    ]
    assert lines[-1] == (
        "1 scenario, 2 checks, in fake and real; 1 failed; 1 passed; 1 call compared, 1 differ"
    )


def test_a_scenario_says_why_they_differ(run) -> None:
    """The reason is printed with the counts."""
    status, lines = run(SCENARIO + DIFFERS)
    assert status == 0
    assert lines[-1] == (
        "1 scenario, 2 checks, in fake and real; 2 passed; 1 call compared, 0 differ; "
        "1 differs by nature: the models have different classes"
    )


def test_a_reason_that_is_none_fails(run) -> None:
    """A difference that is gone must not stay excused."""
    status, lines = run(QUIET + DIFFERS)
    assert status == 1
    assert lines[2:5] == [
        "  differs  (one.scenario.yaml:6)",
        "    exp: the models have different classes",
        "    got: no difference: remove it",
    ]


def test_pytest_compares_too(pytester: pytest.Pytester) -> None:
    """With --dryfit-lane both, the item of the real lane fails."""
    pytester.makepyfile(telltale=TELLTALE)
    (pytester.path / "one.scenario.yaml").write_text(SCENARIO)
    result = pytester.runpytest("--dryfit-lane", "both", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*the lanes' timelines, epoch 0*"])
