"""The docs as a site: built strictly, and without a network."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    find_spec("mkdocs") is None, reason="mkdocs is not installed: pip install --group docs"
)


def build(config: Path, site: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "-f", str(config), "-d", str(site)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)


def test_it_builds_strictly_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    """Every page is in the navigation, every link and anchor is there, and nothing is fetched."""
    built = build(ROOT / "docs" / "site" / "mkdocs.yml", tmp_path)
    assert built.returncode == 0, built.stderr
    loads = re.compile(r"<(?:script|img|iframe|source|link)\b[^>]*(?:src|href)=\"?https?:[^>]*>")
    pages = {page.name: page.read_text(encoding="utf-8") for page in tmp_path.glob("*.html")}
    assert {name: found for name, text in pages.items() if (found := loads.findall(text))} == {}


def test_a_broken_link_fails_the_build(tmp_path: Path) -> None:
    """A page, an anchor, and a file beside the docs that are not there."""
    for name in ("docs", "harness", "fakes"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for page in ROOT.glob("*.md"):
        shutil.copy(page, tmp_path)
    with (tmp_path / "docs" / "what-if.md").open("a", encoding="utf-8") as page:
        page.write("\n[a](gone.md) [b](time.md#no-heading) [c](../harness/gone.py)\n")
    built = build(tmp_path / "docs" / "site" / "mkdocs.yml", tmp_path / "site")
    assert built.returncode == 1
    for what in ("gone.md", "#no-heading", "../harness/gone.py"):
        assert re.search(rf"WARNING.*'what-if\.md'.*{what}", built.stderr), built.stderr
