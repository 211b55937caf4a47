"""``dryfit explore``: what it prints, and with which exit status."""

from pathlib import Path

import keras
import pytest

from dryfit import load_scenarios
from dryfit.cli import main
from dryfit.judge.verdict import judge
from dryfit.tools.explore.exploring import explore


def test_what_is_found_is_printed_as_a_scenario_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One document each; the last line is a comment; the whole plays as it says."""
    assert main(["explore", "ReduceLROnPlateau", "--seed", "1"]) == 1
    text = capsys.readouterr().out
    file = tmp_path / "found.scenario.yaml"
    file.write_text(text)
    scenarios = load_scenarios(file)
    ids = [scenario.known_defect.id for scenario in scenarios if scenario.known_defect]
    assert sorted(ids) == ["keras#21275", "unreported"]
    assert [judge(scenario, "fake").outcome for scenario in scenarios] == ["known_defect"] * 2
    assert text.splitlines()[-1].startswith("# 2 not as documented, in ")


def test_the_same_seed_prints_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """Twice, letter by letter."""
    printed = []
    for _ in range(2):
        main(["explore", "EarlyStopping", "--seed", "3", "--examples", "40"])
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert "nan 1" in printed[0]


def test_processes_share_a_search(capsys: pytest.CaptureFixture[str]) -> None:
    """Each has a seed of its own, and a share of the examples."""
    leave = ["--except", "keras#21275", "--jobs", "2", "--examples", "60"]
    assert main(["explore", "ReduceLROnPlateau", *leave]) == 1
    text = capsys.readouterr().out
    assert "id: unreported" in text
    assert "# 1 not as documented, in " in text
    assert text.endswith("examples, seed 0 and on\n")


@pytest.mark.parametrize("jobs", [0, -1])
def test_a_search_needs_a_process(jobs: int) -> None:
    """Without one nothing is searched, which is no pass."""
    with pytest.raises(ValueError, match=f"jobs is {jobs}; a search needs 1 or more"):
        explore(keras.callbacks.EarlyStopping, jobs=jobs)


def test_none_left_is_said_with_the_count(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0."""
    assert main(["explore", "LearningRateScheduler", "--examples", "20"]) == 0
    assert capsys.readouterr().out == (
        "LearningRateScheduler does what is documented, in 20 examples, seed 0\n"
    )


def test_known_defects_can_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    """By id or by name."""
    leave = ["--except", "keras#21275", "--except", "cooldown", "--examples", "40"]
    assert main(["explore", "ReduceLROnPlateau", *leave]) == 0
    assert capsys.readouterr().out.endswith("does what is documented, in 40 examples, seed 0\n")


def test_save_writes_a_new_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Which `dryfit run` plays; one that is there is not replaced."""
    file = tmp_path / "found.scenario.yaml"
    command = ["explore", "ReduceLROnPlateau", "--examples", "80", "--save", str(file)]
    assert main(command) == 1
    assert capsys.readouterr().out.startswith(f"{file}: play it with `dryfit run {file}`\n# ")
    assert main(["run", str(file)]) == 0
    assert main(command) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["CSVLogger"], "no reference for CSVLogger: there are EarlyStopping"),
        (["CSVLogger"], "call the class so to have it compared, also where a function makes it"),
        (["EarlyStoping"], "unknown callback 'EarlyStoping'; did you mean 'EarlyStopping'?"),
        (["EarlyStopping", "--except", "B1"], "'B1' is no known defect of EarlyStopping"),
        (["EarlyStopping", "--examples", "0"], "--examples"),
    ],
)
def test_bad_input_is_refused(
    command: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, and the message says what there is."""
    assert main(["explore", *command]) == 2
    assert message in capsys.readouterr().err
