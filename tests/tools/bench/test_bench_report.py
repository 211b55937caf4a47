"""Reports of what callbacks cost: text, Markdown, JSON and HTML, whole outputs compared."""

import json
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dryfit.cli import main
from dryfit.show.page import templating
from dryfit.tools.bench.cost import Cost
from dryfit.tools.bench.cost_page import BarScale, as_html, scale
from dryfit.tools.bench.cost_report import (
    as_json,
    as_markdown,
    as_smaller_is_better,
    as_text,
    by_callback,
)
from dryfit.tools.bench.units import digits, duration, interval, share, size

PAGE = (Path(__file__).parents[3] / "docs" / "benchmarks.md").read_text(encoding="utf-8")
EVIL = "<script>alert(1)</script>"
STOPPING = Cost(
    callback="EarlyStopping(patience=2)",
    ns_per_batch=120.0,
    low=80.0,
    high=160.0,
    ratio_to_noop=1.5,
    allocations_per_batch=0.0,
    files_written=0,
    bytes_written_per_batch=0.0,
    log_reads_per_batch=0.001,
    growth="flat",
)
LOGGER = Cost(
    callback="LossLogger",
    ns_per_batch=12_345.0,
    low=11_900.0,
    high=12_600.0,
    ratio_to_noop=154.3,
    allocations_per_batch=2.0,
    files_written=1,
    bytes_written_per_batch=40.0,
    log_reads_per_batch=4.0,
    growth="grows",
    note="memory grows: 112 bytes with every batch",
)
COSTS = [
    STOPPING,
    Cost(callback=STOPPING.callback, hook="on_epoch_end", ns_per_batch=30.0, low=10.0, high=40.0),
    LOGGER,
    Cost(callback="LossLogger", hook="on_train_begin", ns_per_batch=360.0, low=350.0, high=370.0),
    Cost(
        callback="LossLogger",
        hook="on_train_batch_end",
        ns_per_batch=11_640.0,
        low=11_500.0,
        high=11_800.0,
    ),
    Cost(callback="TensorBoard", note="not measured: raised ValueError: no model"),
]


def test_where_nothing_was_measured_there_is_no_table() -> None:
    """But why, and that there is no slowest."""
    assert as_text([COSTS[-1]]).splitlines() == [
        "TensorBoard: not measured: raised ValueError: no model",
        "slowest: none, no callback was measured to cost anything",
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (duration(0.0), "0 ns"),
        (duration(999.4), "999 ns"),
        (duration(999.6), "1 µs"),
        (duration(99_960.0), "100 µs"),
        (duration(-12_345.0), "-12.3 µs"),
        (duration(2_500_000.0), "2.5 ms"),
        (duration(1_234e9), "1,234 s"),
        (duration(math.nan), "nan ns"),
        (duration(-0.0001), "0 ns"),
        (interval(-20.0, 1_500.0), "-0.02 to 1.5 µs"),
        (size(112), "112 B"),
        (size(1_200_000), "1.2 MB"),
        (share(0.00061), "0.061 %"),
        (share(0.000001), "<0.001 %"),
        (digits(1_000_000), "1,000,000"),
        (digits(math.inf), "inf"),
    ],
)
def test_a_number_is_written_with_three_digits_and_its_unit(written: str, expected: str) -> None:
    """And never with an exponent."""
    assert written == expected


def test_text_has_the_slowest_first_and_hooks_under_their_callback() -> None:
    """12 of the hooks' 12 us, 11.64, are 97 %; columns without any entry are left out."""
    (shown,) = re.findall(r"^```text\n\$ dryfit bench [^-].*?\n(.*?)^```", PAGE, re.S | re.M)
    assert as_text(COSTS, {"batches": 1000}) + "\n" == shown


def test_markdown_says_the_same() -> None:
    """Names are code, numbers stand right."""
    assert as_markdown(COSTS[:2], {"batches": 1000}) == (
        "| callback | hook | per batch | interval | x no-op | allocations | bytes written "
        "| files written | log reads | growth |\n"
        "| :--- | :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | :--- |\n"
        "| `EarlyStopping(patience=2)` |  | 120 ns | 80 to 160 ns | 1.5 | 0 | 0 B | 0 | 0.001 "
        "| flat |\n"
        "|  | `on_epoch_end` | 30 ns | 10 to 40 ns |  |  |  |  |  |  |\n"
        "\n"
        "slowest: `EarlyStopping(patience=2)`, of which `on_epoch_end` takes 100 %\n"
        "\n"
        "measured with batches 1000"
    )


def test_markdown_shows_a_name_as_it_is() -> None:
    """Neither a bar nor a backtick nor a line break ends the cell."""
    table = as_markdown([Cost(callback="a`\nb", ns_per_batch=1.0, note="*x* | <b>")])
    assert table.splitlines()[2] == r"| ``a` b`` | 1 ns | \*x\* \| \<b\> |"


def test_json_has_the_agreed_keys_first() -> None:
    """Then the further fields, then the settings."""
    (entry,) = json.loads(as_json([STOPPING], {"batches": 1000}))
    assert list(entry.items()) == [
        ("callback", "EarlyStopping(patience=2)"),
        ("hook", None),
        ("ns_per_batch", 120.0),
        ("low", 80.0),
        ("high", 160.0),
        ("ratio_to_noop", 1.5),
        ("allocations_per_batch", 0.0),
        ("bytes_written_per_batch", 0.0),
        ("share_of_step", None),
        ("growth", "flat"),
        ("bytes_held_per_batch", None),
        ("files_written", 0),
        ("log_reads_per_batch", 0.001),
        ("too_busy", False),
        ("note", ""),
        ("settings", {"batches": 1000}),
    ]


def test_json_writes_nan_and_inf_as_strings() -> None:
    """Other readers than Python's know no NaN."""
    (entry,) = json.loads(as_json([replace(STOPPING, ns_per_batch=math.nan, high=math.inf)]))
    assert (entry["ns_per_batch"], entry["high"]) == ("nan", "inf")


def test_the_slowest_of_five_is_named_with_its_hook() -> None:
    """Wherever it stands in the list, and whatever its neighbours cost."""
    costs = []
    for name, ns in [("A", 10.0), ("B", 20.0), ("Slow", 90.0), ("D", 40.0), ("E", -5.0)]:
        costs.append(Cost(callback=name, ns_per_batch=ns))
        costs.append(Cost(callback=name, hook="on_train_batch_begin", ns_per_batch=ns / 4))
        costs.append(Cost(callback=name, hook="on_train_batch_end", ns_per_batch=ns * 3 / 4))
    assert as_text(costs).splitlines()[-1] == (
        "slowest: Slow, of which on_train_batch_end takes 75 %"
    )


@pytest.mark.parametrize("ns", [None, math.nan, 0.0, -3.0])
def test_nothing_is_named_where_nothing_costs(ns: float | None) -> None:
    """A difference of two times may be nothing, or below it."""
    assert as_text([Cost(callback="A", ns_per_batch=ns)]).splitlines()[-1] == (
        "slowest: none, no callback was measured to cost anything"
    )


@pytest.mark.parametrize("write", [as_text, as_markdown, as_html, as_json])
def test_no_callback_at_all_is_no_error(write: object) -> None:
    """A report of nothing can be written."""
    assert callable(write)
    assert write([])


def test_two_of_a_name_stay_two() -> None:
    """Each with its own hooks."""
    first, second = (Cost(callback="A", ns_per_batch=ns) for ns in (1.0, 2.0))
    hook = Cost(callback="A", hook="on_epoch_end", ns_per_batch=0.5)
    assert by_callback([first, hook, second, hook]) == [[second, hook], [first, hook]]


class Tags(HTMLParser):
    """Collects a page's elements and texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.names: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and data.strip():
            self.texts.append(data.strip())


def test_what_github_action_benchmark_reads() -> None:
    """Its ``customSmallerIsBetter``: name, unit and value of what was measured."""
    costs = [
        Cost(callback="A", ns_per_batch=12.5, low=10.0, high=15.0),
        Cost(callback="A", hook="on_epoch_end", ns_per_batch=12.0),
        Cost(callback="B", note="not measured"),
    ]
    assert json.loads(as_smaller_is_better(costs, {"batches": 300})) == [
        {
            "name": "A",
            "unit": "ns per batch",
            "value": 12.5,
            "range": "10 to 15",
            "extra": "measured with batches 300",
        }
    ]


def test_html_stands_alone() -> None:
    """Every element is closed, and nothing is loaded or run."""
    tags = Tags(as_html(COSTS, {"batches": 1000}))
    assert tags.open == []
    assert tags.names.isdisjoint({"script", "link", "img", "iframe"})
    assert {"src", "href", "onload", "onclick"}.isdisjoint(name for name, _ in tags.attributes)
    assert "url(" not in as_html(COSTS)


def test_html_says_what_the_text_says() -> None:
    """Rows in the same order, each with its time and interval; notes under the names."""
    texts = Tags(as_html(COSTS, {"batches": 1000})).texts
    rows = texts[texts.index("growth") + 1 :]
    assert [text for text in rows if text[0].isalpha()] == [
        "LossLogger",
        "memory grows: 112 bytes with every batch",
        "grows",
        "on_train_batch_end",
        "on_train_begin",
        "EarlyStopping(patience=2)",
        "flat",
        "on_epoch_end",
        "TensorBoard",
        "not measured: raised ValueError: no model",
    ]
    assert rows[2:4] == ["12.3 µs", "11.9 to 12.6 µs"]
    assert "Measured with batches 1000." in texts


def test_html_shows_a_bar_with_its_interval() -> None:
    """On a scale to 15 us, 12 us are 80 %, and 9 to 13.5 us lie from 60 to 90 %."""
    page = as_html([Cost(callback="A", ns_per_batch=12_000.0, low=9_000.0, high=13_500.0)])
    assert '<span class="bar" style="width:80.0%"></span>' in page
    assert '<span class="whisker" style="left:60.0%;width:30.0%"></span>' in page
    assert 'aria-label="12 µs, 9 to 13.5 µs"' in page


@pytest.mark.parametrize("place", ["callback", "hook", "note", "growth", "settings"])
def test_html_runs_nothing_that_a_name_says(place: str) -> None:
    """A callback may be named like a script."""
    if place == "settings":
        page = as_html(COSTS, {EVIL: EVIL})
    else:
        page = as_html([Cost(**{"callback": "A", "ns_per_batch": 1.0, place: EVIL})])
    assert "script" not in Tags(page).names
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_scale_is_logarithmic_only_where_callbacks_are_far_apart() -> None:
    """More than 30 times; hooks, which are small, do not decide."""
    fast, slow = (Cost(callback=name, ns_per_batch=ns) for name, ns in (("A", 100.0), ("B", 3e3)))
    hook = Cost(callback="A", hook="on_epoch_end", ns_per_batch=20.0)
    assert scale([[fast, hook], [slow]]) == BarScale((0.0, 1e3, 2e3, 3e3), is_log=False)
    slower = replace(slow, ns_per_batch=3.1e3)
    assert scale([[fast, hook], [slower]]) == BarScale((10.0, 1e2, 1e3, 1e4), is_log=True)


def test_a_place_on_a_scale_stays_on_it() -> None:
    """Half the decades are half the width; what is below nothing is at the left."""
    axis = BarScale((10.0, 100.0, 1000.0), is_log=True)
    assert [axis.at(ns) for ns in (-5.0, 10.0, 100.0, 1000.0, 1e9)] == [0, 0, 50, 100, 100]


def test_html_of_what_could_not_be_measured_has_no_bar() -> None:
    """Neither for nothing nor for nan; an infinite end is the bar's own."""
    page = as_html([Cost(callback="A"), Cost(callback="B", ns_per_batch=math.nan)])
    assert 'class="bar"' not in page
    assert 'style="left:50.0%;width:0.0%"' in as_html(
        [
            Cost(callback="A", ns_per_batch=1_000.0, low=1_000.0, high=math.inf),
            Cost(callback="B", ns_per_batch=2_000.0),
        ]
    )


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["--format", "html"], "--format: html needs jinja2"),
        (["--out", "bench"], "--out: STEM.html needs jinja2"),
    ],
)
def test_without_jinja_one_line_names_the_extra(
    option: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Before anything is measured."""
    monkeypatch.setattr(templating, "find_spec", lambda name: None)
    assert main(["bench", "EarlyStopping", *option]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"dryfit bench: {said}: pip install 'dryfit[bench]'\n")
