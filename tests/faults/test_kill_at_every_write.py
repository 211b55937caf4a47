"""A short version of the table in docs/faults.md: a kill at every forty-third write."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "faults.md"


def rows(table: str) -> dict[str, tuple[int, int, set[str]]]:
    """Kills, those resumed right, and what was lost, by callback."""
    found = re.findall(r"^\| (\S.*?) \| (\d+) \| (\d+) \| (.*) \|$", table, re.M)
    return {
        name: (int(kills), int(right), set(re.findall(r"\d+ times: ([^,]*)", lost)))
        for name, kills, right, lost in found
    }


def short(seed: str) -> str:
    return subprocess.run(
        [sys.executable, "kill_at_every_write.py", "--every", "43"],
        cwd=HERE,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONHASHSEED": seed},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_kills_end_as_the_page_says_and_the_same_under_two_seeds() -> None:
    """Nothing is lost that the page does not name; nothing depends on the order of sets."""
    first = short("1")
    now, page = rows(first), rows(PAGE.read_text(encoding="utf-8"))
    assert list(now) == list(page)
    for name, (kills, right, lost) in now.items():
        assert 3 <= kills < page[name][0]
        assert right <= page[name][1]
        assert lost <= page[name][2]
    assert short("2") == first
