"""``dryfit mutate``: what a pack notices, and what is refused."""

import json
import sys
from pathlib import Path

import keras
import pytest
from ready_python import python

import dryfit.tools.mutate.mutate as mutating
from dryfit.cli import main
from dryfit.tools.mutate import unseen

CALLBACK = '''\
import keras


class Stops(keras.callbacks.Callback):
    """Stops in an epoch."""

    def __init__(self, epoch=2):
        super().__init__()
        self.epoch = epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch >= self.epoch:
            self.model.stop_training = True

    def on_train_batch_end(self, batch, logs=None):
        if batch > 100:
            raise ValueError
'''
SCENARIO = """\
name: it stops in the epoch that it is told
script: {epochs: 5, metrics: {loss: 1}}
callbacks:
  - NAME:Stops: {epoch: 2}
expect:
  stopped: {epoch: 2}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a callback, in a module that no other test has, and a scenario."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "pack").mkdir()
    write(tmp_path, CALLBACK)
    return tmp_path


def write(project: Path, text: str) -> None:
    (project / f"{name(project)}.py").write_text(text)
    (project / "pack" / "a.scenario.yaml").write_text(SCENARIO.replace("NAME", name(project)))


def name(project: Path) -> str:
    return f"mine_{project.name}".replace("-", "_")


def mutate(project: Path, *arguments: str) -> int:
    return main(["mutate", f"{name(project)}:Stops", "pack", *arguments])


def test_survivors_have_their_line_and_what_to_write(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the order of the file, and the last line counts."""
    assert mutate(project) == 0
    module = f"{name(project)}.py"
    assert (
        capsys.readouterr().out
        == f"""\
{module}
  7: def __init__(self, epoch=2):
      default `epoch=2` becomes `epoch=3`
      Next: write a case that leaves this argument out.
  16: if batch > 100:
      `batch > 100` becomes `batch >= 100`
      Next: write a case in which both sides are equal.
  16: if batch > 100:
      `batch > 100` becomes `batch > 101`
      Next: write a case in which a count one higher or lower shows.
  16: if batch > 100:
      `batch > 100` becomes `batch > 99`
      Next: write a case in which a count one higher or lower shows.
  17: raise ValueError
      `raise ValueError` is left out
      Next: write a case that ends differently without this line.
Stops: 6 of 11 single faults noticed, 55 %, by 1 scenario and 0 tests
"""
    )


def test_json_has_the_same(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what the pack never sees, where that is asked for."""
    assert mutate(project, "--format", "json", "--only", "7,17", "--coverage") == 0
    file = f"{name(project)}.py"
    assert json.loads(capsys.readouterr().out) == {
        "mutants": 2,
        "noticed": 0,
        "survivors": [
            {"file": file, "line": 7, "change": "default `epoch=2` becomes `epoch=3`"},
            {"file": file, "line": 17, "change": "`raise ValueError` is left out"},
        ],
        "never_seen": {
            "lines": [{"file": file, "line": 17}],
            "branches": [{"file": file, "line": 16, "to": 17}],
            "settings": {"epoch": "2"},
            "decisions": [{"decision": "raises", "file": file, "line": 17}],
        },
    }


def test_coverage_is_measured_again_where_its_modules_were_forgotten(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As pytest's own `pytester` forgets them; coverage.py's tracer is no second time itself."""
    for _ in range(2):
        assert mutate(project, "--only", "17", "--coverage") == 0
        for module in [m for m in sys.modules if m.partition(".")[0] == "coverage"]:
            monkeypatch.delitem(sys.modules, module)


def test_coverage_that_is_missing_is_one_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what to install."""
    monkeypatch.setattr(unseen, "find_spec", lambda name: None)
    assert mutate(project, "--coverage") == 2
    assert capsys.readouterr().err == (
        "dryfit mutate: --coverage needs coverage.py; install the extra: "
        "pip install 'dryfit[coverage]'\n"
    )


@pytest.mark.parametrize(("percent", "status"), [("54", 0), ("55", 1)])
def test_the_status_is_1_only_below_what_is_asked(project: Path, percent: str, status: int) -> None:
    """6 of 11 are noticed, 54.5 %."""
    assert mutate(project, "--fail-under", percent) == status


def test_a_sample_is_the_same_for_the_same_seed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And it says how many were not tried."""
    outputs = []
    for _ in range(2):
        mutate(project, "--most", "3", "--seed", "1")
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]
    assert " of 3 single faults noticed" in outputs[0]
    assert " ".join(outputs[0].split()).endswith("; 8 not tried")


DECISION = "        if epoch >= self.epoch:\n"
LOOP = "        left = 3\n        while left > 0:\n            left -= 1\n"
EXIT = "        ends = False\n        if ends:\n            __import__('os')._exit(3)\n"


@pytest.mark.parametrize(
    ("lines", "line", "mutants", "survivors"),
    [(LOOP, 14, 4, ["`left -= 1` becomes `left -= 2`"]), (EXIT, 13, 1, [])],
    ids=["loops", "exits"],
)
def test_a_fault_that_never_ends_or_ends_python_is_noticed(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    lines: str,
    line: int,
    mutants: int,
    survivors: list[str],
) -> None:
    """Three of the four never end, and the only one of the others exits."""
    write(project, CALLBACK.replace(DECISION, lines + DECISION))
    monkeypatch.setattr(mutating, "_LEAST_S", 1.0)
    mutate(project, "--only", str(line), "--format", "json")
    told = json.loads(capsys.readouterr().out)
    assert told["mutants"] == mutants
    assert [survivor["change"] for survivor in told["survivors"]] == survivors


def test_tests_that_use_a_fixture_notice_too(project: Path) -> None:
    """The others are no part of a pack: this one would fail."""
    (project / "pack" / "a.scenario.yaml").unlink()
    (project / "pack" / "test_it.py").write_text(f"""\
from {name(project)} import Stops


def test_default(scripted_fit):
    assert scripted_fit({{"loss": "1x5"}}, callbacks=[Stops()]).stopped_epoch == 2


def test_of_something_else():
    raise ValueError
""")
    command = ["-m", "dryfit", "mutate", f"{name(project)}:Stops", "pack", "--only", "7-13"]
    ended = python(*command)
    assert ended.stdout.splitlines() == [
        "Stops: 6 of 6 single faults noticed, 100 %, by 0 scenarios and 1 test",
    ], ended.stderr


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["mutate", *arguments]) == 2
    command, _, refusal = capsys.readouterr().err.partition(": ")
    assert command == "dryfit mutate"
    return refusal


def test_a_pack_that_does_not_hold_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would notice every fault."""
    file = project / "pack" / "a.scenario.yaml"
    file.write_text(file.read_text().replace("stopped: {epoch: 2}", "stopped: {epoch: 3}"))
    assert refused(capsys, f"{name(project)}:Stops", "pack") == (
        "the pack does not hold without any fault, mend it first: "
        "pack/a.scenario.yaml::it-stops-in-the-epoch-that-it-is-told: failed: stopped.epoch\n"
    )


def test_a_pack_without_the_callback_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing could notice anything."""
    assert refused(capsys, "EarlyStopping", "pack") == (
        "none of 1 scenarios and tests calls a method of EarlyStopping; a test counts if it uses "
        "the fixture scripted_fit, scripted_model or check_callback\n"
    )


def test_an_empty_pack_and_a_path_that_is_not_there_are_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each says what was looked for."""
    (project / "empty").mkdir()
    assert refused(capsys, "EarlyStopping", "empty") == (
        "no *.scenario.yaml file and no test_*.py file in empty\n"
    )
    assert refused(capsys, "EarlyStopping", "gone", "pack") == "no such file or folder: gone\n"


def test_arguments_are_those_of_the_pack(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Other commands take them beside the class; here the pack makes the callbacks."""
    assert main(["mutate", "EarlyStopping: {patience: 3}", "a.scenario.yaml"]) == 2
    assert "takes a class alone, such as my.callbacks:Mine" in capsys.readouterr().err


def test_an_unknown_callback_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the name that was meant."""
    assert refused(capsys, "EarlyStoping", "pack") == (
        "unknown callback 'EarlyStoping'; did you mean 'EarlyStopping'? Known are those of "
        "keras.callbacks, and EvaluateAt, PredictAt, RaiseAt, SetLearningRateAt, StopAt, "
        "WriteLogs; your own is 'pkg.module:Class'\n"
    )


def test_lines_without_a_fault_are_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing tried is nothing noticed."""
    assert refused(capsys, f"{name(project)}:Stops", "pack", "--only", "1-3") == (
        "no fault can be made in Stops, or none in the lines asked for\n"
    )


def test_keras_own_are_pinned_by_their_scenarios() -> None:
    """All that is noticed of the decision to stop: the line where a wait has been long enough."""
    scenarios = Path(__file__).parents[3] / "scenarios" / "early_stopping"
    source = Path(keras.src.callbacks.early_stopping.__file__).read_text().splitlines()
    line = next(n for n, text in enumerate(source, 1) if "self.wait += 1" in text)
    arguments = ["--only", str(line), "--fail-under", "100"]
    assert main(["mutate", "EarlyStopping", str(scenarios), *arguments]) == 0
