"""Links of the docs, as a reader of the repository follows them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING", "SECURITY")),
    *sorted((ROOT / "docs").glob("*.md")),
]
LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")


def prose(page: Path) -> str:
    """A page without its code."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    return re.sub(r"`[^`\n]*`", lambda code: code[0].replace("[", " "), text)


def anchors(page: Path) -> set[str]:
    """What a page's headings are called in links: lower case, without what is no word."""
    seen: dict[str, int] = {}
    found = set()
    for heading in re.findall(r"^#+ (.*)$", prose(page), re.M):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        times = seen[name] = seen.get(name, -1) + 1
        found.add(f"{name}-{times}" if times else name)
    return found


def broken(page: Path) -> list[str]:
    """The links of a page that lead nowhere."""
    return [link for link in LINK.findall(prose(page)) if not leads_somewhere(page, link)]


def leads_somewhere(page: Path, link: str) -> bool:
    """Whether a file is there, with the heading that is named; other hosts are not asked."""
    if re.match(r"\w+:", link):
        return True
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not anchor or anchor in anchors(target)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Files and headings in them."""
    assert broken(page) == []


def test_a_broken_link_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is not there, a heading that is not, and what lies outside; code is no link."""
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path.resolve())
    page = tmp_path.resolve() / "page.md"
    page.write_text(
        "# One, two\n## One two\n[a](#one-two) [b](#one-two-1) [c](page.md#one-two)\n"
        "[d](gone.md) [e](#gone) [f](page.md#gone) [g](..) [h](https://example.org/gone)\n"
        "`[i](gone.md)`\n```python\nx[0](gone)\n```\n",
    )
    assert broken(page) == ["gone.md", "#gone", "page.md#gone", ".."]
