"""Before and after: the gate's edges, exact counts, what is refused, and what is printed."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from dryfit.cli import main
from dryfit.tools.bench.changes import main_compare
from dryfit.tools.bench.compare import CostChange, Count, Range, compare
from dryfit.tools.bench.cost import Cost
from dryfit.tools.bench.cost_report import as_json
from dryfit.tools.bench.measurements import MeasuredRun, RunsError, read

PAGE = (Path(__file__).parents[3] / "docs" / "benchmarks.md").read_text(encoding="utf-8")


def a(low: float | None, high: float | None = None, **fields: Any) -> Cost:
    """A callback A that takes something between, in nanoseconds."""
    high = low if high is None else high
    ns = None if low is None or high is None else (low + high) / 2
    return Cost(**{"callback": "A", "ns_per_batch": ns, "low": low, "high": high, **fields})


def runs(*costs: Cost | list[Cost], **settings: Any) -> list[MeasuredRun]:
    """Runs of one callback each, or of several."""
    listed = [cost if isinstance(cost, list) else [cost] for cost in costs]
    return [MeasuredRun(f"run {n}", tuple(each), settings) for n, each in enumerate(listed)]


def change(base: list[MeasuredRun], head: list[MeasuredRun], **gate: float) -> CostChange:
    """What became of the first row."""
    return compare(base, head, **gate)[0]


# Time.


@pytest.mark.parametrize(
    ("base", "head", "verdict"),
    [
        (a(10_000), a(12_500), "same"),  # exactly 25 %
        (a(10_000), a(12_501), "slower"),
        (a(10_000), a(20_000), "slower"),
        (a(2_000), a(3_000), "same"),  # 50 %, exactly 1 us
        (a(2_000), a(3_001), "slower"),
        (a(100), a(900), "same"),  # nine times, but under 1 us
        (a(9_000, 11_000), a(13_000, 19_000), "same"),  # 18 % from edge to edge
        (a(9_000, 11_000), a(13_751, 19_000), "slower"),
        (a(-500, -100), a(1_000), "same"),  # below nothing counts as nothing
        (a(-500, -100), a(1_001), "slower"),
        (a(12_500), a(10_000), "same"),
        (a(12_501), a(10_000), "faster"),
    ],
)
def test_both_margins_must_be_exceeded(base: Cost, head: Cost, verdict: str) -> None:
    """25 % and 1 us, from the slowest before to the fastest after; only slower fails."""
    found = change(runs(base), runs(head))
    assert (found.verdict, bool(found.failures)) == (verdict, verdict == "slower")


def test_the_margins_are_the_callers() -> None:
    """10 % and 0.1 us let less pass."""
    assert change(runs(a(1_000)), runs(a(1_110)), percent=10, at_least_us=0.1).failures == (
        "slower: the fastest after takes 1.11 µs, the slowest before 1 µs: 11 % and 110 ns more, "
        "where 10 % and 0.1 µs are allowed",
    )


def test_of_several_runs_the_edges_count() -> None:
    """One slow run before, or one fast run after, is enough to trust nothing."""
    slow, fast = a(20_000, 21_000), a(10_000, 11_000)
    assert change(runs(fast, fast, fast), runs(slow, slow, slow)).verdict == "slower"
    assert change(runs(fast, slow, fast), runs(slow, slow, slow)).verdict == "same"
    assert change(runs(fast, fast, fast), runs(slow, fast, slow)).verdict == "same"


def test_what_is_shown_is_the_median_between_the_edges() -> None:
    """Of 10.5, 12.5 and 20.5 us the second."""
    base = runs(a(10_000, 11_000), a(20_000, 21_000), a(12_000, 13_000))
    assert change(base, runs(a(1_000))).before == Range(10_000, 12_500, 21_000)


@pytest.mark.parametrize("nothing", [None, math.nan, math.inf])
def test_what_is_not_measured_any_more_fails(nothing: float | None) -> None:
    """Nan is not a measurement, and passes no comparison unseen."""
    head = runs(Cost(callback="A", ns_per_batch=nothing, note="not measured: raised E: no"))
    found = change(runs(a(1_000)), head)
    assert (found.verdict, found.after) == ("unmeasured", None)
    assert found.failures == ("was measured before, and not after: not measured: raised E: no",)


def test_what_never_was_measured_does_not_fail() -> None:
    """It is shown, with its reason."""
    found = change(runs(a(None, note="old")), runs(a(None, note="needs a model")))
    assert found == CostChange("A", None, None, None, "unmeasured", note="needs a model")


def test_a_run_without_an_interval_has_its_time() -> None:
    """An end that is missing, or nan, is no edge."""
    base = runs(Cost(callback="A", ns_per_batch=1_000.0, low=math.nan))
    assert change(base, runs(a(5_000))).verdict == "slower"


def test_what_one_run_measured_is_compared() -> None:
    """A run that did not measure it adds nothing."""
    assert change(runs(a(1_000), a(None)), runs(a(None), a(5_000))).verdict == "slower"


def test_a_hook_is_shown_and_its_callback_fails() -> None:
    """Of hooks there are many, and each would be another chance of a false alarm."""
    base = runs([a(10_000), a(2_000, hook="on_epoch_end"), a(8_000, hook="on_train_batch_end")])
    head = runs([a(11_000), a(9_000, hook="on_train_batch_end"), a(4_000, hook="on_epoch_end")])
    found = compare(base, head)
    assert [(row.hook, row.verdict, row.failures) for row in found] == [
        (None, "same", ()),
        ("on_epoch_end", "slower", ()),
        ("on_train_batch_end", "same", ()),
    ]


def test_new_and_gone_do_not_fail() -> None:
    """New hooks stand with their callback, new callbacks at the end."""
    base = runs([a(1_000), a(1_000, hook="old"), a(1_000, callback="B")])
    head = runs([a(1_000, callback="C"), a(1_000), a(1_000, hook="new")])
    assert [(r.callback, r.hook, r.verdict, r.failures) for r in compare(base, head)] == [
        ("A", None, "same", ()),
        ("A", "old", "gone", ()),
        ("A", "new", "new", ()),
        ("B", None, "gone", ()),
        ("C", None, "new", ()),
    ]


def test_two_of_a_name_are_compared_in_their_order() -> None:
    """The first with the first, the second with the second."""
    base = runs([a(1_000), a(5_000)])
    assert [row.verdict for row in compare(base, runs([a(1_000), a(9_000)]))] == ["same", "slower"]


# Counts.


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ("allocations_per_batch", "allocations per batch"),
        ("files_written", "files"),
        ("log_reads_per_batch", "log reads per batch"),
    ],
)
def test_one_more_fails_and_one_fewer_does_not(key: str, what: str) -> None:
    """However fast it is."""
    one, two = runs(a(1_000, **{key: 1})), runs(a(1_000, **{key: 2}))
    more, fewer = change(one, two), change(two, one)
    assert more.failures == (f"{what}: 1 before, 2 after",)
    assert (fewer.counts, fewer.failures) == ((Count(what, 2, 1),), ())
    assert change(two, two).counts == ()


@pytest.mark.parametrize("key", ["bytes_written_per_batch", "bytes_held_per_batch"])
def test_bytes_do_not_gate(key: str) -> None:
    """Time stamps are written with more digits on some days."""
    assert change(runs(a(1_000, **{key: 1})), runs(a(1_000, **{key: 2}))).failures == ()


def test_a_count_that_shakes_is_not_exact() -> None:
    """It fails only where no run after has as few as any before."""
    shaking = runs(a(1_000, allocations_per_batch=1), a(1_000, allocations_per_batch=3))
    more = runs(a(1_000, allocations_per_batch=3), a(1_000, allocations_per_batch=9))
    assert change(shaking, more).failures == ()
    assert change(shaking, more[1:]).failures == ("allocations per batch: 3 before, 9 after",)


def test_what_is_not_counted_any_more_fails() -> None:
    """What was never counted does not, and nan counts as not counted."""
    counted, uncounted = runs(a(1_000, files_written=0)), runs(a(1_000))
    assert change(counted, uncounted).failures == ("files: 0 before, not counted after",)
    assert change(uncounted, counted).failures == ()
    nan = runs(a(1_000, allocations_per_batch=math.nan))
    assert change(nan, nan).counts == ()


def test_what_grows_now_is_said() -> None:
    """And fails nothing by itself: what it holds is counted."""
    found = change(runs(a(1_000, growth="flat")), runs(a(1_000, growth="grows")))
    assert (found.grows_now, found.failures) == (True, ())


# What is refused.


def test_other_settings_are_refused() -> None:
    """Per batch is not the same over other numbers of batches."""
    base, head = runs(a(1_000), batches=1000, step=None), runs(a(1_000), batches=500, step=None)
    with pytest.raises(RunsError) as error:
        compare(base, head)
    assert str(error.value) == (
        "batches differs: 1000 in run 0, 500 in run 0; measure all in the same way"
    )


@pytest.mark.parametrize("margin", [math.nan, math.inf, -1.0])
def test_a_margin_that_nothing_exceeds_is_refused(margin: float) -> None:
    """A gate with it would always hold, or never."""
    with pytest.raises(RunsError) as error:
        compare(runs(a(1_000)), runs(a(9_000)), at_least_us=margin)
    assert str(error.value) == f"at_least_us is {margin}; expected is a number, 0 or more"


def test_nothing_in_common_is_refused() -> None:
    """A gate that compares nothing would always hold."""
    with pytest.raises(RunsError) as error:
        compare(runs(a(1_000)), runs([a(1_000, callback="B"), a(1_000, callback="C")]))
    assert str(error.value) == "no callback is in both: before A; after B; C"
    with pytest.raises(RunsError) as error:
        compare(runs(a(1_000)), [])
    assert str(error.value) == "no callback is in both: before A; after none"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[{",
            "is not JSON (Expecting property name enclosed in double quotes: line 1 column 3 "
            "(char 2)); expected is what `dryfit bench --format json` writes",
        ),
        (
            "{}",
            "is another kind of JSON, an object; expected is a list, what "
            "`dryfit bench --format json` writes",
        ),
        ("[]", "has no entries: nothing was measured"),
        (
            "[1]",
            "entry 0 is a number, no object; expected is what `dryfit bench --format json` writes",
        ),
        (
            '[{"file": "x", "name": "y"}]',
            "entry 0 has no callback, hook, ns_per_batch; it has file, name; expected is what "
            "`dryfit bench --format json` writes",
        ),
        (
            '[{"callback": "A", "hook": null, "ns_per_batch": "fast"}]',
            "entry 0: ns_per_batch: expected is a number or null; found 'fast'",
        ),
        (
            '[{"callback": 1, "hook": null, "ns_per_batch": 1, "files_written": 0.5}]',
            "entry 0: callback: expected is a string; found 1\n"
            "entry 0: files_written: expected is a whole number or null; found 0.5",
        ),
        (
            '[{"callback": "A", "hook": null, "ns_per_batch": 1, "settings": 3}]',
            "entry 0: settings: expected is an object",
        ),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """With what it is, and what it should be."""
    file = tmp_path / "base.json"
    file.write_text(text)
    with pytest.raises(RunsError) as error:
        read([file])
    assert str(error.value).replace(f"{file}: ", "") == message


def test_every_bad_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At once, on stderr, with exit status 2."""
    (tmp_path / "b.json").write_text("[]")
    files = [tmp_path / "a.json", tmp_path / "b.json", tmp_path]
    assert main_compare(files, files) == 2
    assert capsys.readouterr().err == (
        f"{files[0]}: cannot be read: No such file or directory\n"
        f"{files[1]}: has no entries: nothing was measured\n"
        f"{files[2]}: cannot be read: Is a directory\n"
    )


# What is read and printed.


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """With settings, and with a nan as nan; keys of a later version are passed over."""
    cost = a(1_000, 2_000, note="n", files_written=2, ratio_to_noop=math.inf)
    file = tmp_path / "base.json"
    entries = json.loads(as_json([cost], {"batches": 1000}))
    file.write_text(json.dumps([{**entry, "later": 1} for entry in entries]))
    assert read([file]) == [MeasuredRun(str(file), (cost,), {"batches": 1000})]


LOGGER, STOPPING = {"callback": "LossLogger"}, {"callback": "EarlyStopping(patience=2)"}
BASE = [
    a(10_000, 11_000, **LOGGER),
    a(9_000, 9_500, hook="on_train_batch_end", **LOGGER),
    a(50, 150, allocations_per_batch=0.0, **STOPPING),
]
HEAD = [
    a(21_000, 23_000, note="sleeps or waits 40% of its time", **LOGGER),
    a(20_000, 21_000, hook="on_train_batch_end", **LOGGER),
    a(80, 220, allocations_per_batch=1.0, **STOPPING),
]


def test_the_page_shows_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """21 us are 91 % and 10 us more than 11; a failure is exit status 1."""
    (shown,) = re.findall(r"^```text\n\$ dryfit bench --compare .*?\n(.*?)^```", PAGE, re.S | re.M)
    assert main_compare(runs(BASE), runs(HEAD)) == 1
    assert capsys.readouterr().out == shown


def test_markdown_has_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """As a job summary shows it."""
    base = runs([a(1_000, callback="<b>", allocations_per_batch=0)])
    head = runs([a(1_000, callback="<b>", allocations_per_batch=1)])
    assert main_compare(base, head, form="markdown") == 1
    assert capsys.readouterr().out == (
        "| callback | before | interval | after | interval | change | verdict |\n"
        "| :--- | ---: | ---: | ---: | ---: | ---: | :--- |\n"
        "| `<b>` | 1 µs | 1 to 1 µs | 1 µs | 1 to 1 µs | +0 % "
        "| same; allocations per batch: 0 before, 1 after |\n"
        "\n"
        "- FAILED `<b>`: allocations per batch: 0 before, 1 after\n"
        "\n"
        "1 callback: 1 same; 1 failed\n"
    )


def test_json_has_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    """With the failures in words."""
    assert main_compare(runs(BASE), runs(BASE), form="json") == 0
    first, *_ = json.loads(capsys.readouterr().out)
    assert first == {
        "callback": "LossLogger",
        "hook": None,
        "before": {"fastest": 10_000, "typical": 10_500, "slowest": 11_000},
        "after": {"fastest": 10_000, "typical": 10_500, "slowest": 11_000},
        "verdict": "same",
        "counts": [],
        "grows_now": False,
        "failures": [],
        "note": "",
    }


@pytest.mark.parametrize("form", ["html", "github-action-benchmark"])
def test_a_format_of_one_measurement_is_refused_before_anything_is_measured(
    form: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Measuring takes minutes."""
    monkeypatch.setattr("dryfit.cli.bench_command._measure", None)  # which would be called
    assert main(["bench", "EarlyStopping", "--compare", "base.json", "--format", form]) == 2
    told = f"{form} is of one measurement; --compare takes text, markdown, json"
    assert capsys.readouterr().err == f"dryfit bench: --format: {told}\n"
