"""What the page of the whole pack weighs, and how fast it opens."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from dryfit.cli import main

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium is here")
def test_the_page_of_the_pack(tmp_path: Path) -> None:
    """Both lanes of every scenario: under 5 MB, and loaded in Chromium in under 1 s."""
    file = tmp_path / "report.html"
    pack = Path(__file__).parent.parent.parent / "scenarios"
    assert main(["run", str(pack), "--lane", "both", "--report", str(file)]) == 0
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=False, args=["--disable-gpu"]
        )
        took = min(_opened(browser, file) for _ in range(3))
        browser.close()
    size = file.stat().st_size
    print(f"\nthe page of the pack: {size / 1e6:.1f} MB, opens in {took:.0f} ms")
    assert size < 5_000_000
    assert took < 1000


def _opened(browser: Any, file: Path) -> float:
    """Milliseconds until a page is loaded, as the browser tells them."""
    page = browser.new_page()
    page.goto(file.as_uri())
    took: float = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    page.close()
    return took
