"""A file that cannot be written is bad input: one line that names it, and status 2."""

from pathlib import Path
from typing import Any

import pytest

from dryfit.cli import bench_command, main

SCENARIO = "name: a\nscript: {metrics: {loss: 1 2}}\nexpect: {epochs_run: 2}\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scenario, a history, and a folder of each name that is to be written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(bench_command, "_measure", lambda _: ([], {"batches": 10, "step": None}))
    Path("a.scenario.yaml").write_text(SCENARIO)
    Path("log.json").write_text('{"loss": [1.0, 0.5]}')
    Path("cost.json").mkdir()
    Path("full.svg").symlink_to("/dev/full")
    Path("full.html").symlink_to("/dev/full")


LONG = f"{'n' * 250}.scenario.yaml"
COMMANDS: dict[str, tuple[list[str], str]] = {
    "a picture": (
        ["trace", "a.scenario.yaml", "--plot", "full.svg"],
        "dryfit trace: full.svg: cannot be written: No space left on device",
    ),
    "a report": (
        ["run", "a.scenario.yaml", "--report", "full.html"],
        "dryfit run: full.html: cannot be written: No space left on device",
    ),
    "costs": (
        ["bench", "TerminateOnNaN", "--out", "cost"],
        "dryfit bench: cost.json: cannot be written: Is a directory",
    ),
    "a recording": (
        ["record", "--from", "log.json", "--out", LONG],
        f"dryfit record: {LONG}: cannot be written: File name too long",
    ),
    "what was found": (
        ["explore", "EarlyStopping", "--save", "none/a.scenario.yaml"],
        "dryfit explore: none/a.scenario.yaml: there is no folder none; make it",
    ),
    "witnesses": (
        ["together", "EarlyStopping", "TerminateOnNaN", "--save", "a.scenario.yaml"],
        "dryfit together: a.scenario.yaml: is there already; name another with --save, or delete "
        "it",
    ),
    "scenarios of checks": (
        ["check", "TerminateOnNaN", "--scenarios", "log.json"],
        "dryfit check: log.json: is no folder",
    ),
}


@pytest.mark.parametrize(("words", "line"), COMMANDS.values(), ids=COMMANDS)
def test_it_is_said_in_one_line(
    words: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr, with the file as it was named."""
    assert main(words) == 2
    assert capsys.readouterr().err == f"{line}\n"


def test_verdicts_are_not_lost_with_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    """They are printed before it is written."""
    main(["run", "a.scenario.yaml", "--report", "full.html"])
    assert capsys.readouterr().out == "1 scenario, 1 check, in fake; 1 passed\n"


@pytest.mark.parametrize("option", ["--dryfit-report=full.html", "--dryfit-github"])
def test_pytest_says_it_below_its_verdicts(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    """Its status is that of a usage error."""
    pytester.makefile(".scenario.yaml", a=SCENARIO)
    (pytester.path / "full.html").symlink_to("/dev/full")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "/dev/full")
    told: Any = pytester.runpytest(option)
    told.assert_outcomes(passed=1)
    file = "/dev/full" if "github" in option else f"{pytester.path}/full.html"
    told.stdout.fnmatch_lines([f"dryfit: {file}: cannot be written: No space left on device"])
    assert told.ret == pytest.ExitCode.USAGE_ERROR
