"""The page as a reader has it: in headless Chromium, without a network."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from judged import FAILS, HOLDS, MARKUP, entries

from dryfit.show.page.page import write_page
from dryfit.tools.bench.cost import Cost
from dryfit.tools.bench.cost_page import as_html

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=f"none of {', '.join(NAMES)} is here")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=False, args=QUIET
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a page: one that holds, one that fails, and one of markup."""
    folder = tmp_path_factory.mktemp("report")
    found = entries(folder / "plain", f"{HOLDS}---\n{FAILS}", drawn=True)
    write_page(folder / "r.html", [*found, *entries(folder / "odd", MARKUP, drawn=True)])
    return (folder / "r.html").as_uri()


@pytest.fixture
def opened(browser: Any, report: str) -> Iterator[Callable[..., Any]]:
    """Open the page in a window of its own, with settings of Playwright's."""
    contexts = []

    def open_page(**settings: Any) -> Any:
        contexts.append(browser.new_context(offline=True, **settings))
        page = contexts[-1].new_page()
        page.goto(report)
        return page

    yield open_page
    for context in contexts:
        context.close()


def shown(page: Any) -> list[str]:
    """The outcomes of the cases that a reader sees, in order."""
    return [case.get_attribute("data-outcome") for case in page.locator(".case:visible").all()]


def test_failures_are_first_and_open(opened: Callable[..., Any]) -> None:
    """What holds is closed."""
    page = opened()
    cases = page.locator(".case").all()
    assert [(c.get_attribute("data-outcome"), c.get_attribute("open")) for c in cases] == [
        ("failed", ""),
        ("failed", ""),
        ("passed", None),
    ]


def test_search_leaves_what_has_every_word(opened: Callable[..., Any]) -> None:
    """In any part: a name, a source, a line of the file; headings without a case go."""
    page = opened()
    page.locator("#search").fill("KERAS#8829 patience")
    assert shown(page) == ["passed"]
    assert page.locator("h2:visible").count() == 1
    assert page.locator("#shown").inner_text() == "1 of 3 shown"
    assert page.locator("h2:visible .count").inner_text() == "1"
    assert page.locator("#filter .count").all_inner_texts() == ["0", "1"]
    page.locator("#search").fill("nothing has this")
    assert shown(page) == []


def test_outcomes_are_chosen_by_keyboard(opened: Callable[..., Any]) -> None:
    """From the search, Tab and Space take one outcome away."""
    page = opened()
    page.locator("#search").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert shown(page) == ["passed"]


def test_a_case_opens_by_keyboard(opened: Callable[..., Any]) -> None:
    """And shows its picture, its table and its lines."""
    page = opened()
    case = page.locator(".case[data-outcome=passed]")
    case.locator("summary").focus()
    page.keyboard.press("Enter")
    case.locator("svg").wait_for()  # it is drawn once the browser says that the case is open
    assert "EarlyStopping stops training" in case.locator(".table").inner_text()
    assert case.locator(".line.met").inner_text().strip() == "5✓expect: {stopped: {epoch: 1}}"


def test_what_is_closed_is_drawn_once_it_is_opened(opened: Callable[..., Any]) -> None:
    """A page of thousands opens at once: neither opening it nor a search draws what is closed."""
    page = opened()
    case = page.locator(".case[data-outcome=passed]")
    page.locator("#search").fill("patience expect")
    assert "passed" in shown(page)
    assert case.locator("svg, .table, .source").count() == 0
    page.get_by_role("button", name="Open all").click()
    assert case.locator("svg").count() == 1


def test_a_thread_is_a_link_that_is_followed(opened: Callable[..., Any]) -> None:
    """To where the thread is."""
    page = opened()
    page.locator(".case[data-outcome=passed] summary").click()
    page.route(re.compile("^https:"), lambda route: route.fulfill(body="the thread"))
    page.get_by_role("link", name="keras#8829").click()
    page.wait_for_url("https://github.com/keras-team/keras/issues/8829")
    assert page.locator("body").inner_text() == "the thread"


def test_nothing_is_asked_of_a_network(browser: Any, report: str) -> None:
    """Opening the page and everything on it is one request: for the file."""
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report)
    page.get_by_role("button", name="Open all").click()
    page.wait_for_load_state("networkidle")
    assert asked == [report]
    page.close()


def test_markup_of_users_does_nothing(opened: Callable[..., Any]) -> None:
    """A scenario named as a script is a name; no image is tried, nothing is said of errors."""
    page = opened()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.reload()
    page.get_by_role("button", name="Open all").click()
    assert page.title() == "dryfit report"
    assert page.locator(".name").nth(1).inner_text() == "<script>document.title = 'hit'</script>"
    assert page.locator("img").count() == 0
    assert said == []


def test_an_address_of_a_case_opens_it(opened: Callable[..., Any]) -> None:
    """Also from the list of what stands above."""
    page = opened()
    page.get_by_role("button", name="Close all").click()
    page.locator(".above a").first.click()
    case = page.locator(page.evaluate("location.hash"))
    assert case.get_attribute("open") == ""


def test_without_scripts_only_the_filter_is_missing(opened: Callable[..., Any]) -> None:
    """Cases open, with their pictures."""
    page = opened(java_script_enabled=False)
    assert not page.locator("#filter").is_visible()
    case = page.locator(".case[data-outcome=passed]")
    case.locator("summary").click()
    assert case.locator("svg").is_visible()
    assert not case.locator(".slider").is_visible()


def test_a_slider_moves_the_stop_the_best_epoch_and_the_weights(opened: Callable[..., Any]) -> None:
    """By keyboard too; back at the setting that was played nothing lies over the picture."""
    page = opened()
    case = page.locator(".case[data-outcome=passed]")
    case.locator("summary").click()
    said = "stops in epoch 1; best epoch 0; ends with the weights of epoch 1"
    assert case.locator(".decided").inner_text() == said
    assert case.locator(".asked").count() == 0
    case.locator("[name=patience]").focus()
    page.keyboard.press("ArrowRight")
    assert case.locator(".slider label").first.inner_text().split() == ["patience", "2"]
    said = "stops in epoch 2; best epoch 0; ends with the weights of epoch 2"
    assert case.locator(".decided").inner_text() == said
    stop = float(case.locator(".asked .stop").get_attribute("x1"))
    weights = float(case.locator(".asked .weights").get_attribute("x"))
    best = float(case.locator(".asked .best").get_attribute("x1"))
    epoch = (weights - best) / 2  # epochs 2 and 0
    assert stop == pytest.approx(weights + epoch / 2, abs=0.5)
    page.keyboard.press("ArrowRight")
    assert case.locator(".decided").inner_text().startswith("does not stop: the curve ends with")
    assert case.locator(".asked .stop").count() == 0
    case.get_by_role("button", name="as played").click()
    assert case.locator(".asked").count() == 0


@pytest.mark.parametrize(
    ("scheme", "ink", "paper"),
    [
        ("light", "rgb(28, 32, 36)", "rgb(255, 255, 255)"),
        ("dark", "rgb(237, 238, 240)", "rgb(17, 17, 19)"),
    ],
)
def test_text_and_picture_have_the_schemes_ink(
    opened: Callable[..., Any], scheme: str, ink: str, paper: str
) -> None:
    """In light and in dark."""
    page = opened(color_scheme=scheme)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper
    assert page.evaluate("getComputedStyle(document.querySelector('svg text')).fill") == ink


def test_a_narrow_screen_scrolls_no_page_sideways(opened: Callable[..., Any]) -> None:
    """Wide tables scroll by themselves."""
    page = opened(viewport={"width": 360, "height": 700})
    page.get_by_role("button", name="Open all").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_letters_of_a_picture_are_legible_on_a_phone(opened: Callable[..., Any]) -> None:
    """Eight pixels at the least, in whichever font; the picture scrolls by itself."""
    page = opened(viewport={"width": 390, "height": 700})
    page.get_by_role("button", name="Open all").click()
    sizes = page.evaluate(
        "[...document.querySelectorAll('svg text')].filter(t => t.textContent.trim())"
        ".map(t => { const m = t.getScreenCTM();"
        " return parseFloat(getComputedStyle(t).fontSize) * Math.hypot(m.c, m.d) })"
    )
    assert min(sizes) >= 8


def test_costs_are_read_on_a_phone_without_scrolling(browser: Any, tmp_path: Path) -> None:
    """The figures of a row stand below its bar, with their titles, and not past the screen."""
    times = {"ns_per_batch": 12_000.0, "low": 11_000.0, "high": 13_000.0}
    logger = Cost(callback="LossLogger", **times, ratio_to_noop=154.3, bytes_written_per_batch=40.0)
    (tmp_path / "costs.html").write_text(as_html([logger]), encoding="utf-8")
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto((tmp_path / "costs.html").as_uri())
    scroll = page.locator(".scroll")
    assert scroll.evaluate("table => table.scrollWidth - table.clientWidth") == 0
    bar = page.locator("td.picture").bounding_box()
    figures = [cell.bounding_box() for cell in page.locator("td.number:visible").all()]
    assert len(figures) == 4
    assert all(cell["y"] >= bar["y"] + bar["height"] for cell in figures)
    assert all(cell["x"] + cell["width"] <= 390 for cell in figures)
    title = "getComputedStyle(document.querySelector('td.number'), '::before').content"
    assert "per batch" in page.evaluate(title)
    page.close()
