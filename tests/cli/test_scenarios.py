"""Scenario files through their doors: the command line and pytest."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import keras  # loaded for good: pytester unloads what its tests load
import pytest
from ready_python import run_pytest

from dryfit.cli import main
from dryfit.facts.scalar import plain
from dryfit.scenario.source import read_documents

ROOT = Path(__file__).parents[2]
DATA = Path(__file__).parents[1] / "data"
PACK = sorted((ROOT / "scenarios").rglob("*.scenario.yaml"))

PASSING = """
name: two bad epochs are enough
script: {metrics: {val_loss: .9 .5 .6x4}}
callbacks: [EarlyStopping: {patience: 2}]
expect: {stopped: {epoch: 3, by: EarlyStopping}, epochs_run: 4}
---
name: and three are more
script: {metrics: {val_loss: .9 .5 .6x4}}
callbacks: [EarlyStopping: {patience: 3}]
expect: {stopped: {epoch: 4}}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("stopping.scenario.yaml")
    path.write_text(PASSING)
    return path


def test_every_kind_of_failure_is_printed_in_full(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What, epoch, expected, got and the line; then the epoch table with the epoch marked."""
    monkeypatch.chdir(DATA)
    assert main(["run", "failures.scenario.yaml"]) == 1
    assert capsys.readouterr().out == (DATA / "failures.txt").read_text()


def test_the_last_line_counts(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Scenarios, checks, lanes and outcomes."""
    assert main(["run", str(file), "--lane", "both"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == ("2 scenarios, 6 checks, in fake and real; 4 passed; 2 calls compared, 0 differ")


def test_the_first_that_does_not_hold_ends_it(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """-x, as in pytest; what is left is told."""
    file.write_text(PASSING.replace("epoch: 3", "epoch: 2"))
    assert main(["run", str(file), "-x"]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "1 scenario, 2 checks, in fake; 1 failed; 1 scenario left unplayed"


def test_processes_tell_what_one_does(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All that is printed, and in the same order; what one cannot tell is played here."""
    raises = """
import keras
class Raises(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        class Error(Exception):
            pass
        raise Error("of a class that no other process knows")
"""
    Path("raises.py").write_text(raises)
    mine = "name: mine\nscript: {metrics: {loss: 1x2}}\ncallbacks: ['raises:Raises']\n"
    text = f"{mine}expect: {{epochs_run: 2}}\n---{PASSING.replace('epoch: 4', 'epoch: 5')}"
    file.write_text(text)
    assert main(["run", str(file)]) == 1
    alone = capsys.readouterr()
    assert main(["run", str(file), "--jobs", "2"]) == 1
    assert capsys.readouterr() == alone
    assert "3 scenarios, 4 checks, in fake; 2 failed; 1 passed" in alone.out
    assert "Error: of a class that no other process knows" in alone.out


def test_those_that_failed_last_are_played_alone(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Until they hold; then all, which is said. What is not played stays as it was."""
    file.write_text(PASSING.replace("epoch: 3", "epoch: 2"))
    failing, other = "stopping.scenario.yaml::two-bad-epochs-are-enough", f"{file}::and"
    assert main(["run", str(file)]) == 1
    assert main(["run", other]) == 0
    capsys.readouterr()
    assert main(["run", ".", "--failed", "--list"]) == 0
    assert capsys.readouterr().out == f"{failing}\n"
    file.write_text(PASSING)
    assert main(["run", str(file.resolve()), "--failed"]) == 0
    assert capsys.readouterr().out.startswith("1 scenario, ")
    assert main(["run", str(file), "--failed"]) == 0
    told = capsys.readouterr()
    assert told.err == "none of these failed last time; all are meant\n"
    assert told.out.startswith("2 scenarios, ")


def test_where_nothing_failed_nothing_is_kept(file: Path) -> None:
    """A folder in which all holds stays as it is."""
    assert main(["run", str(file)]) == 0
    assert os.listdir() == [file.name]


def test_what_failed_need_not_be_kept(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said where it cannot be, and the status is that of the run."""
    Path(".dryfit").touch()
    file.write_text(PASSING.replace("epoch: 3", "epoch: 2"))
    assert main(["run", str(file)]) == 1
    assert capsys.readouterr().err.startswith("what failed is not kept for --failed: .dryfit")


def test_a_list_plays_none(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line is what `run` takes; of what -k leaves."""
    file.write_text(PASSING.replace("EarlyStopping", "gone:Class"))
    assert main(["run", ".", "--list", "-k", "three"]) == 0
    assert capsys.readouterr().out == f"{file}::and-three-are-more\n"


def test_skips_are_counted_by_reason(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A condition that does not hold, and a lane in which a scenario is not valid."""
    file.write_text(
        PASSING.replace("name: two", "when: keras<3\nname: two").replace(
            "name: and", "lanes: [real]\nname: and"
        )
    )
    assert main(["run", str(file)]) == 0
    version = keras.version() if hasattr(keras, "version") else keras.__version__
    assert capsys.readouterr().out == (
        "2 scenarios, 0 checks, in fake; 2 skipped; skipped 1: not valid in the fake lane; "
        f"skipped 1: when keras<3 (here keras {version})\n"
    )


def test_json_has_the_fixed_form(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A list of outcomes; nan and inf are strings."""
    file.write_text(PASSING.replace("epochs_run: 4", "epochs_run: 5").replace(".6x4", "nan .6x3"))
    assert main(["run", str(file), "--format", "json"]) == 1
    first, second = json.loads(capsys.readouterr().out)
    assert (first["outcome"], second["outcome"]) == ("failed", "passed")
    assert first["failures"] == [
        {"what": "epochs_run", "epoch": None, "expected": "5", "got": "4", "line": 5}
    ]
    assert second["run"]["stopped"] == {"epoch": 4, "batch": None, "by": "EarlyStopping"}
    assert second["run"]["history"]["val_loss"][2] == "nan"
    assert set(first) == {"file", "name", "lane", "outcome", "reason", "failures", "run"}


def test_an_array_in_a_history_is_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    """A callback may write one into the logs; JSON has no arrays of numpy's."""
    pack = Path(__file__).parents[2] / "scenarios"
    assert main(["run", str(pack / "checkpoint/array.scenario.yaml"), "--format", "json"]) == 0
    first, *_ = json.loads(capsys.readouterr().out)
    history = first["run"]["history"]
    assert all(isinstance(value, list) for value in history["per_class"]), history


def test_trace_prints_one_scenario(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """FILE::SLUG chooses; an unknown slug names those that are there."""
    assert main(["trace", f"{file}::and-three-are-more"]) == 0
    printed = capsys.readouterr().out
    assert "5 epochs in the fake lane, stopped in epoch 4 by EarlyStopping" in printed
    assert "two bad epochs" not in printed
    assert main(["trace", f"{file}::and-four"]) == 2
    assert capsys.readouterr().err == (
        "dryfit trace: stopping.scenario.yaml::and-four: no scenario 'and-four'. There are "
        "two-bad-epochs-are-enough, and-three-are-more\n"
    )


def test_the_command_line_is_installed(file: Path) -> None:
    """`dryfit run` in a process of its own: no progress bar in a pipe."""
    result = subprocess.run(
        [Path(sys.executable).parent / "dryfit", "run", file], capture_output=True, text=True
    )
    assert (result.returncode, result.stdout) == (0, "2 scenarios, 3 checks, in fake; 2 passed\n")


def test_our_own_files_validate_against_the_printed_schema(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What an editor checks with is what the loader accepts."""
    assert main(["schema"]) == 0
    validator = jsonschema.Draft202012Validator(json.loads(capsys.readouterr().out))
    for path in PACK:
        for document in read_documents(path):
            data = plain(document.data)
            assert [error.message for error in validator.iter_errors(data)] == [], path


def test_the_pack_is_large_and_understood() -> None:
    """At least 100 scenarios, and no expectation was written by a machine."""
    texts = [path.read_text(encoding="utf-8") for path in PACK]
    assert sum(text.count("\nname:") + text.startswith("name:") for text in texts) >= 100
    assert not [path for path, text in zip(PACK, texts, strict=True) if "accepted:" in text]


@pytest.mark.parametrize(
    ("text", "status", "printed"),
    [
        (
            "name: x\nscript: {metrics: {loss: 1x2}}\nvariants:\n  a:\n"
            "    expect: {epochs_run: 1}\n    known_defect:\n      id: probe\n"
            "      instead: {epochs_run: 0}\n",
            1,
            "epochs_run  (x.scenario.yaml:8)",
        ),
        (
            "name: x\nscript: {metrics: {loss: 1x1}}\ncallbacks:\n  - ModelCheckpoint: {filepath: "
            '"{run_dir}/{batch}.weights.h5", save_weights_only: true}\n'
            "expect: {raises: {type: KeyError, match: \"Reason: 'batch'\"}}\n",
            0,
            "1 passed",
        ),
        (
            "name: x\ncalls:\n  - {call: fit, script: {metrics: {loss: 1x1}}}\n"
            "  - {call: fit, model: {load: no.weights.h5}, expect: {epochs_run: 1}}\n",
            2,
            "x.scenario.yaml:4: calls[1]: cannot begin: FileNotFoundError",
        ),
        (
            "name: x\nknown_defect: {id: probe, instead: {epochs_run: 2}}\ncalls:\n"
            "  - {call: fit, script: {metrics: {loss: 1 2}}, expect: {epochs_run: 1}}\n"
            "  - {call: fit, script: {metrics: {loss: 1 2}}, expect: {epochs_run: 1}}\n",
            1,
            "epochs_run  (x.scenario.yaml:4)",
        ),
        (
            "name: x\nscript: {metrics: {loss: 1x1}}\ncallbacks: [EarlyStopping: {monitor: loss}]\n"
            "expect: {overrides: {LearningRateSchedular: never}}\n",
            1,
            "no such callback; there are EarlyStopping",
        ),
    ],
    ids=[
        "a variant's own defect",
        "paths in messages",
        "a file that is not there",
        "earlier calls hold",
        "unknown callback",
    ],
)
def test_what_must_not_pass_unnoticed(
    text: str, status: int, printed: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistake in a file is a failure or an error with its place, never a green line."""
    Path("x.scenario.yaml").write_text(text)
    assert main(["run", "x.scenario.yaml"]) == status
    captured = capsys.readouterr()
    assert printed in captured.out + captured.err


class TestPytest:
    """Scenario files are collected as test items."""

    @pytest.fixture(autouse=True)
    def _file(self, pytester: pytest.Pytester) -> None:
        (pytester.path / "stopping.scenario.yaml").write_text(PASSING)

    def test_items_have_ids(self, pytester: pytest.Pytester) -> None:
        """FILE::slug[lane]."""
        (pytester.path / "z.scenario.yml").write_text(PASSING.partition("---")[0])
        result = pytester.runpytest("--collect-only", "-q", "--dryfit-lane=both")
        assert result.outlines[:6] == [
            "stopping.scenario.yaml::two-bad-epochs-are-enough[fake]",
            "stopping.scenario.yaml::two-bad-epochs-are-enough[real]",
            "stopping.scenario.yaml::and-three-are-more[fake]",
            "stopping.scenario.yaml::and-three-are-more[real]",
            "z.scenario.yml::two-bad-epochs-are-enough[fake]",
            "z.scenario.yml::two-bad-epochs-are-enough[real]",
        ]

    def test_they_pass_and_are_chosen_with_k(self, pytester: pytest.Pytester) -> None:
        """-k works on the slug."""
        pytester.runpytest("--dryfit-check-determinism").assert_outcomes(passed=2)
        pytester.runpytest("-k", "three").assert_outcomes(passed=1, deselected=1)

    def test_a_failure_is_told_as_on_the_command_line(self, pytester: pytest.Pytester) -> None:
        """And --lf plays it again alone."""
        (pytester.path / "stopping.scenario.yaml").write_text(
            PASSING.replace("epoch: 4", "epoch: 5")
        )
        result = pytester.runpytest("--color=no")
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(
            [
                "*stopping.scenario.yaml:7: and three are more [[]fake]",
                "  stopped.epoch, epoch 4  (stopping.scenario.yaml:10)",
                "    exp: 5",
                "    got: 4",
                "*   > 4 *EarlyStopping stops training",
            ]
        )
        pytester.runpytest("--lf").assert_outcomes(failed=1)

    @pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "xdist"])
    def test_the_short_summary_says_what_does_not_hold(
        self, options: tuple[str, ...], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The first of it, also from a worker; the epoch of a stop is said by its value."""
        monkeypatch.setenv("COLUMNS", "200")
        changed = PASSING.replace("epoch: 4}", "epoch: 5, by: Mine}")
        (pytester.path / "stopping.scenario.yaml").write_text(changed)
        result = pytester.runpytest_inprocess("--color=no", *options)
        result.stdout.fnmatch_lines(
            [
                "FAILED stopping.scenario.yaml::and-three-are-more[[]fake] - "
                "stopped.epoch: expected 5, got 4 (and 1 more)"
            ]
        )

    def test_a_bad_file_is_a_collection_error(self, pytester: pytest.Pytester) -> None:
        """With the place, and without a traceback."""
        (pytester.path / "bad.scenario.yaml").write_text("nam: x\n")
        result = pytester.runpytest()
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*bad.scenario.yaml:1: nam: unknown key; did you mean*"])
        result.stdout.no_fnmatch_line("*Traceback*")

    def test_xdist_and_junit(self, pytester: pytest.Pytester) -> None:
        """A worker plays them, and the XML names them."""
        result = run_pytest(pytester, "-n", "1", "--junitxml=out.xml")
        result.assert_outcomes(passed=2)
        assert 'name="and-three-are-more[fake]"' in (pytester.path / "out.xml").read_text()


def test_a_projects_own_callbacks_are_found(tmp_path: Path) -> None:
    """From the folder of the file and from the working directory; each folder has its own."""
    for folder, patience in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(
            "import keras\n\n\nclass Mine(keras.callbacks.EarlyStopping):\n"
            f"    def __init__(self):\n        super().__init__('loss', patience={patience})\n"
        )
        (tmp_path / folder / "mine.scenario.yaml").write_text(
            f"name: mine\nscript: {{metrics: {{loss: 1x5}}}}\ncallbacks: ['mine:Mine']\n"
            f"expect: {{stopped: {{epoch: {patience}, by: Mine}}}}\n"
        )
    before = os.getcwd()
    assert main(["run", str(tmp_path)]) == 0
    assert os.getcwd() == before
    assert "mine" not in sys.modules
