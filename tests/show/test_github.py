"""What GitHub gets: annotations on lines, and a job summary."""

from pathlib import Path

import pytest
from judged import FAILS, HOLDS, entries

from dryfit.cli import main
from dryfit.show import github


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


def test_a_failure_is_an_annotation_on_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One for each expectation that is not met; the last line stays as it is."""
    Path("a.scenario.yaml").write_text(f"{HOLDS}---\n{FAILS}", encoding="utf-8")
    assert main(["run", "a.scenario.yaml", "--format", "github"]) == 1
    assert capsys.readouterr().out == (
        "::error file=a.scenario.yaml,line=14,title=stops too late [fake]"
        "::stopped.epoch, epoch 1: expected 2, got 1\n"
        "2 scenarios, 3 checks, in fake; 1 failed; 1 passed\n"
    )


def test_what_both_lanes_say_is_said_once(tmp_path: Path) -> None:
    """GitHub shows ten annotations of a step."""
    found = entries(tmp_path / "pack", FAILS, "fake", "real")
    assert list(github.annotations(found)) == [
        "::error file=pack/a.scenario.yaml,line=8,title=stops too late [fake and real]"
        "::stopped.epoch, epoch 1: expected 2, got 1"
    ]


def test_files_are_named_from_the_workspace(tmp_path: Path) -> None:
    """Also where the command runs in a folder of the checkout."""
    found = entries(tmp_path / "repo" / "sub", FAILS)
    (inside,) = github.annotations(found, tmp_path / "repo", str(tmp_path))
    assert inside.startswith("::error file=repo/sub/a.scenario.yaml,line=8,")
    (outside,) = github.annotations(found, tmp_path / "repo", str(tmp_path / "other"))
    assert outside.startswith("::error file=sub/a.scenario.yaml,line=8,")


def test_nothing_ends_a_command_before_its_end() -> None:
    """As GitHub's documentation of workflow commands has it."""
    assert github.error("a,b.yaml", 3, "100%: it\n::error::", "50% of it\r\n::error::more") == (
        "::error file=a%2Cb.yaml,line=3,title=100%25%3A it%0A%3A%3Aerror%3A%3A"
        "::50%25 of it%0A::error::more"
    )


def test_a_file_that_cannot_be_used_is_annotated(capsys: pytest.CaptureFixture[str]) -> None:
    """With the problem's line; the exit status is that of bad input."""
    Path("a.scenario.yaml").write_text("name: a\nscrip: {}\n", encoding="utf-8")
    assert main(["run", "a.scenario.yaml", "--format", "github"]) == 2
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("::error file=a.scenario.yaml,line=2,title=not a scenario file::scrip:")


def test_a_defect_that_is_known_is_no_annotation(tmp_path: Path) -> None:
    """Nor is a scenario that is skipped."""
    skipped = entries(tmp_path, f"when: keras<1\n{FAILS}")
    assert list(github.annotations(skipped)) == []


def test_the_summary_goes_where_github_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After what is there, with the epoch table folded."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    Path("a.scenario.yaml").write_text(f"{HOLDS}---\n{FAILS}", encoding="utf-8")
    main(["run", "a.scenario.yaml", "--format", "github"])
    lines = summary.read_text(encoding="utf-8").splitlines()
    assert lines[:11] == [
        "before",
        "## dryfit",
        "",
        "1 failed, 1 passed",
        "",
        "| scenario | lane | line | what does not hold |",
        "| :--- | :--- | :--- | :--- |",
        "| stops too late | fake | a.scenario.yaml:14 "
        "| stopped.epoch, epoch 1: expected 2, got 1 |",
        "",
        "<details><summary>stops too late fake</summary>",
        "",
    ]
    assert lines[11] == "```text"
    assert lines[-2:] == ["```", "</details>"]


def test_the_summary_takes_text_as_text(tmp_path: Path) -> None:
    """A bar ends no cell, and a tag is none."""
    (entry,) = entries(tmp_path, FAILS)
    entry["name"] = "a | b <script> *c*\n`d`"
    entry["runs"][0]["table"] = "a\n````\nb"
    text = github.job_summary([entry])
    assert "| a \\| b \\<script\\> \\*c\\* \\`d\\` | fake |" in text
    assert "<summary>a | b &lt;script&gt; *c* `d` fake</summary>" in text
    assert "\n`````text\na\n````\nb\n`````\n" in text


def test_a_large_summary_is_cut(tmp_path: Path) -> None:
    """GitHub takes no more than 1 MiB."""
    (entry,) = entries(tmp_path, FAILS)
    entry["runs"][0]["table"] = "x" * 100_000
    text = github.job_summary([entry] * 1000)
    assert len(text.encode()) < 1_048_576
    assert "\nAnd 500 more." in text
    assert text.endswith("\nEpoch tables of 996 more are left out.\n")
