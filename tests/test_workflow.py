"""The workflow of CI: what it runs is there, and what is declared is tested."""

import re
import shlex
from pathlib import Path

from yaml import safe_load

from dryfit.cli import parser

ROOT = Path(__file__).parents[1]
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
PAGE = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    """What the workflow's steps run, line by line, with placeholders filled in."""
    workflow = safe_load(WORKFLOW.read_text())
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    lines = "\n".join(step["run"] for step in steps if "run" in step).splitlines()
    return [re.sub(r"\$(side|turn)", "base", line.strip()) for line in lines]


def test_the_workflow_makes_targets_that_there_are() -> None:
    """`make` knows each of them, and those that the script of CI makes."""
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M)
    lines = [*commands(), *(ROOT / ".ci" / "run").read_text().splitlines()]
    words = [word for line in lines if line.startswith("make ") for word in line.split()[1:]]
    made = {word for word in words if "=" not in word and word[0] not in "-."}
    assert made == {"test", "check", "pack", "parity", "fuzz", "versions"}
    assert made <= set(targets)


def test_the_workflow_gives_options_that_there_are() -> None:
    """The command line accepts what is written there and on the page."""
    lines = [*commands(), *re.findall(r"^dryfit bench .*", PAGE, re.M)]
    found = [re.search(r"\bdryfit (bench .*?)(?:>.*)?$", line) for line in lines]
    given = [match[1].removesuffix(")") for match in found if match]
    assert len(given) >= 4
    for arguments in given:
        parser().parse_args(shlex.split(arguments))


def test_the_workflow_tests_every_version_that_is_declared() -> None:
    """The classifiers and the matrix name the same."""
    workflow = safe_load(WORKFLOW.read_text())
    declared = re.findall(
        r'"Programming Language :: Python :: ([\d.]+)"', (ROOT / "pyproject.toml").read_text()
    )
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == declared


def test_the_workflow_measures_both_sides_turn_by_turn_in_one_job() -> None:
    """Base, head, base, head, and then the comparison."""
    steps = safe_load(WORKFLOW.read_text())["jobs"]["benchmark"]["steps"]
    measure, gate = (step["run"] for step in steps if "dryfit bench" in step.get("run", ""))
    assert re.sub(r"\s+", " ", measure).startswith(
        "for turn in 1 2 3 4 5; do for side in base head; do (cd $side && .venv/bin/dryfit bench "
    )
    assert "--compare base-*.json --with head-*.json" in gate
