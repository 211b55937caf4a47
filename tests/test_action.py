"""action.yml: its steps, as GitHub's bash runs them, with a ``dryfit`` and a ``gh`` of our own."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from yaml import safe_load

ACTION = safe_load((Path(__file__).parents[1] / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
# Each scenario of the file `results` with its status, as dryfit would have found it there.
DRYFIT = """#!/usr/bin/env python
import json, sys
from pathlib import Path

*_, file = sys.argv[: sys.argv.index("--ctrf") + 2]
found = dict(line.split() for line in Path("results").read_text().splitlines())
tests = [{"suite": ["a.yaml"], "name": name, "status": status} for name, status in found.items()]
Path(file).write_text(json.dumps({"results": {"tests": tests}}))
sys.exit("failed" in found.values())
"""
GH = """#!/usr/bin/env bash
echo "$@" >> "$NOTES"
case "$*" in *--paginate*) printf "$OLD" ;; *) cat "$BODY" >> "$NOTES" ;; esac
"""


class Job:
    """A checkout with a base and a head, and what a runner has."""

    def __init__(self, folder: Path) -> None:
        self.notes, self.checkout = folder / "notes", folder / "checkout"
        tools = folder / "tools"
        tools.mkdir()
        for name, text in (("dryfit", DRYFIT), ("gh", GH)):
            (tools / name).write_text(text)
            (tools / name).chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "NOTES": str(self.notes),
            "OLD": "",
        }
        self.inputs = {name: given["default"] for name, given in ACTION["inputs"].items()}
        self.known = {"runner.temp": str(folder), "github.repository": "a/b"}
        self.known["github.event.pull_request.number"] = "7"
        self.git("init", "--quiet", str(self.checkout))
        self.git("remote", "add", "origin", ".")

    def git(self, *words: str) -> str:
        self.checkout.mkdir(exist_ok=True)
        name = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        command = ["git", *name, *words]
        done = subprocess.run(
            command, cwd=self.checkout, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, results: str) -> str:
        """Let the scenarios come out so; return the commit."""
        (self.checkout / "results").write_text(results.replace(", ", "\n"))
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", "a")
        return self.git("rev-parse", "HEAD")

    def step(self, name: str) -> int:
        """Run a step; return its status."""
        environment = {key: self.filled(value) for key, value in STEPS[name]["env"].items()}
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[name]["run"]],
            cwd=self.checkout,
            env=self.environment | environment,
        ).returncode

    def filled(self, value: str) -> str:
        known = {**{f"inputs.{name}": given for name, given in self.inputs.items()}, **self.known}
        for name, given in known.items():
            value = value.replace(f"${{{{ {name} }}}}", given)
        return value

    def noted(self) -> list[str]:
        return self.notes.read_text().splitlines() if self.notes.exists() else []


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


def compared(job: Job, base: str, head: str) -> list[str]:
    """What is sent to GitHub where the base's results and the head's are these."""
    job.known["github.event.pull_request.base.sha"] = job.commit(base)
    job.commit(head)
    job.step("Play")
    assert job.step("Compare with the base") == 0
    return job.noted()


def test_the_play_s_status_is_the_step_s(job: Job) -> None:
    """And its results are there for what comes behind it."""
    job.commit("stops passed, cuts failed")
    assert job.step("Play") == 1
    results = json.loads((job.checkout.parent / "dryfit-head.json").read_text())
    assert len(results["results"]["tests"]) == 2
    job.commit("stops passed")
    assert job.step("Play") == 0


def test_what_held_and_does_not_is_one_comment(job: Job) -> None:
    """Not what failed before, and not what is new."""
    noted = compared(
        job,
        "stops passed, cuts failed, saves other",
        "stops failed, cuts failed, saves failed, new failed",
    )
    comments = "repos/a/b/issues/7/comments"
    body = job.checkout.parent / "dryfit-comment.md"
    ours = '.[] | select(.body | startswith("<!-- dryfit -->")) | .id'
    assert noted == [
        f"api --paginate {comments} --jq {ours}",
        f"api --silent --method POST {comments} --field body=@{body}",
        "<!-- dryfit -->",
        "What held before this change, and does not now:",
        "",
        "- `a.yaml::stops`",
        "- `a.yaml::saves`",
    ]


def test_a_comment_that_is_there_is_written_anew(job: Job) -> None:
    """The first of those that are ours."""
    job.environment["OLD"] = "41\n42\n"
    noted = compared(job, "stops passed", "stops failed")
    assert noted[1].startswith("api --silent --method PATCH repos/a/b/issues/comments/41 ")


def test_no_change_for_the_worse_is_no_comment(job: Job) -> None:
    """Nor is a scenario that is new and does not hold."""
    assert compared(job, "stops failed", "stops failed, new failed") == []


def test_a_file_that_can_no_longer_be_used_is_for_the_worse(job: Job) -> None:
    """It stands as a test of its own name, and what it held is not there any more."""
    noted = compared(job, "stops passed", "a.yaml failed")
    assert noted[-1] == "- `a.yaml`"
    job.notes.unlink()
    assert compared(job, "stops failed", "a.yaml failed") == []


def test_every_input_is_used() -> None:
    """And nothing else is asked for."""
    steps: list[Any] = ACTION["runs"]["steps"]
    text = json.dumps(steps)
    assert [name for name in ACTION["inputs"] if f"inputs.{name} " not in text] == []
    assert [step["name"] for step in steps if "${{" in step["run"]] == []  # no script of others'


def test_the_page_gives_inputs_that_there_are() -> None:
    """docs/in-ci.md, where it uses the action."""
    page = (Path(__file__).parents[1] / "docs" / "in-ci.md").read_text(encoding="utf-8")
    (given,) = re.findall(r"uses: OWNER/dryfit@\S+\n +with: (.*)\n", page)
    assert set(safe_load(given)) <= set(ACTION["inputs"])
