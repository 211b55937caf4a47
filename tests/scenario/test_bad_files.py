"""Every bad file gives exit status 2 and its whole message."""

import os
import re
from pathlib import Path

import pytest

from dryfit import load_scenarios
from dryfit.cli import main
from dryfit.scenario.problems import Problem, ScenarioFileError

FOLDER = Path(__file__).parents[1] / "data" / "bad"
BLOCKS = re.split(r"^== ", (FOLDER / "messages.txt").read_text(), flags=re.M)[1:]
MESSAGES = {name: text for name, _, text in (block.partition("\n") for block in BLOCKS)}


def test_every_file_has_its_message() -> None:
    """No bad file is left out, and there are plenty."""
    assert sorted(MESSAGES) == sorted(path.name for path in FOLDER.glob("*.scenario.yaml"))
    assert len(MESSAGES) >= 40


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_bad_input_is_told_in_full(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """File, line, key path, what was found, what is allowed, did you mean."""
    monkeypatch.chdir(FOLDER)
    assert main(["run", name]) == 2
    told = _without_pythons_guess(capsys.readouterr().err)
    assert told.strip() == MESSAGES[name].strip()
    assert Path(os.getcwd()) == FOLDER


def _without_pythons_guess(text: str) -> str:
    """Python 3.13 adds to a TypeError which argument may have been meant."""
    return re.sub(r"(unexpected keyword argument '\w+')\. Did you mean '\w+'\?", r"\1", text)


def test_what_looks_odd_but_is_right_stays_right(tmp_path: Path) -> None:
    """`0x6` is six zeros, `1e3` a number, `.nan` a nan, `010` ten; a name may be Chinese."""
    file = tmp_path / "odd.scenario.yaml"
    file.write_text(
        "name: 学习率降低后恢复\n"
        "script:\n"
        "  metrics: {loss: 0x6, a: [1e3, .nan, 010, '.5', .inf, -.inf], val_loss: 1-.1x6}\n"
        "expect: {epochs_run: 6, history: {a: 1000 nan 10 .5 inf -inf, loss: 0x6}}\n",
        encoding="utf-8",
    )
    from dryfit.judge.verdict import judge

    (scenario,) = load_scenarios(file)
    assert scenario.slug == "学习率降低后恢复"
    assert judge(scenario, "fake").outcome == "passed"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("log.csv", "`dryfit record --from FILE` makes one of it"),
        ("test_a.py", "pytest plays tests"),
    ],
)
def test_a_file_of_another_kind_is_told_what_takes_it(
    name: str, meant: str, tmp_path: Path
) -> None:
    """A log is recorded, and tests are pytest's."""
    file = tmp_path / name
    file.write_text("epoch,loss\n0,1\n", encoding="utf-8")
    with pytest.raises(ScenarioFileError, match=f"not a scenario file: {meant}"):
        load_scenarios(file)


def test_problems_are_told_file_by_file() -> None:
    """As the files come, and there by line: what belongs together stands together."""
    places = [("b", 3), ("b", 1), ("a", 2), ("b", 2)]
    error = ScenarioFileError(Problem(Path(file), line, "", "bad") for file, line in places)
    assert str(error) == "b:1: bad\nb:2: bad\nb:3: bad\na:2: bad"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("stoping.scenario.yaml", "; did you mean 'stopping.scenario.yaml'?"),
        ("sub/stopping.scenario.yaml", ""),
        ("gone.scenario.yaml", ""),
    ],
)
def test_a_missing_file_has_no_line(
    name: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a file beside it that is called nearly so was perhaps meant."""
    monkeypatch.chdir(tmp_path)
    Path("stopping.scenario.yaml").write_text("name: a\n")
    with pytest.raises(ScenarioFileError) as caught:
        load_scenarios(name)
    assert str(caught.value) == f"{name}: cannot be read: No such file or directory{told}"
