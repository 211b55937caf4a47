"""The docs as a site: built strictly, and without a network."""

import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
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


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly: every page is in the navigation, every link and anchor is there."""
    folder = tmp_path_factory.mktemp("site")
    built = build(ROOT / "docs" / "site" / "mkdocs.yml", folder)
    assert built.returncode == 0, built.stderr
    return folder


def test_it_loads_nothing_from_elsewhere(site: Path) -> None:
    """No page fetches a script, a picture or a style."""
    loads = re.compile(r"<(?:script|img|iframe|source|link)\b[^>]*(?:src|href)=\"?https?:[^>]*>")
    pages = {page.name: page.read_text(encoding="utf-8") for page in site.glob("*.html")}
    assert {name: found for name, text in pages.items() if (found := loads.findall(text))} == {}


def test_every_public_name_is_described(site: Path) -> None:
    """Under a heading of its own: a name without a docstring would have none."""
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    modules = re.findall(r"^\| `(dryfit\S*)` \|", page, re.M)
    public = {f"{name}.{one}" for name in modules for one in import_module(name).__all__}
    headings = [
        name
        for found in site.glob("api*.html")
        for name in re.findall(r'<h3 id="([^"]+)"', found.read_text(encoding="utf-8"))
    ]
    assert sorted(public - set(headings)) == []


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
