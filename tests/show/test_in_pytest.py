"""The page, annotations and JUnit of a pytest session."""

import gc
from xml.etree import ElementTree

import keras  # noqa: F401  # loaded for good: pytester unloads what its tests load
import pytest
from judged import FAILS, HOLDS
from ready_python import run_pytest

from dryfit.cli import main

TESTS = """
    from keras.callbacks import EarlyStopping

    def test_passes(scripted_fit):
        assert scripted_fit({"loss": "1x2"}).epochs_run == 2

    def test_fails(scripted_fit):
        run = scripted_fit({"val_loss": ".9 .5 .6x4"}, [EarlyStopping(patience=2)])
        assert run.stopped_epoch == 4

    def test_that_uses_none_of_it():
        assert 1 == 2
"""
ANNOTATIONS = [
    "::error file=a.scenario.yaml,line=14,title=stops too late [[]fake[]]"
    "::stopped.epoch, epoch 1: expected 2, got 1",
    "::error file=test_it.py,line=6,title=test_fails::assert 3 == 4*",
]


@pytest.fixture(autouse=True)
def _session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    for name in ("GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile(test_it=TESTS)
    pytester.path.joinpath("a.scenario.yaml").write_text(f"{HOLDS}---\n{FAILS}", encoding="utf-8")


def page(pytester: pytest.Pytester) -> str:
    """The page that was written."""
    return pytester.path.joinpath("r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("how", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_the_page_has_scenarios_and_failing_runs(
    pytester: pytest.Pytester, how: tuple[str, ...]
) -> None:
    """From one process or from workers: tables, pictures, and where the page is."""
    result = run_pytest(pytester, "-p", "no:cacheprovider", "--dryfit-report=r.html", *how)
    result.assert_outcomes(passed=2, failed=3)
    result.stdout.fnmatch_lines(["*- dryfit report: *r.html -*"])
    html = page(pytester)
    assert "2 scenarios, 3 checks in the fake lane and 1 failing test<" in html
    assert [html.count(f'data-outcome="{name}"') for name in ("failed", "passed")] == [2, 1]
    assert html.count('class="picture"') == 3
    assert "assert 3 == 4" in html
    assert "test_that_uses_none_of_it" not in html


def test_pictures_are_those_that_the_command_line_keeps(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in the user's cache is on the page, and nothing is drawn."""
    pytest.importorskip("matplotlib")
    pytester.path.joinpath("b.scenario.yaml").write_text(FAILS, encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(pytester.path / "cache"))
    assert main(["run", "b.scenario.yaml", "--report", "cli.html"]) == 1
    (kept,) = pytester.path.glob("cache/dryfit/pictures/*.svg")
    kept.write_text('<svg xmlns="http://www.w3.org/2000/svg"><desc>kept</desc></svg>')
    pytester.runpytest("-p", "no:xdist", "b.scenario.yaml", "--dryfit-report=r.html")
    assert "<desc>kept</desc>" in page(pytester)


def test_an_interrupted_session_writes_what_there_is(pytester: pytest.Pytester) -> None:
    """The tests before the one that was broken off."""
    pytester.makepyfile(test_z="def test_z():\n    raise KeyboardInterrupt")
    result = run_pytest(
        *(pytester, "-p", "no:cacheprovider", "--dryfit-report=r.html", "a.scenario.yaml"),
        "test_z.py",
    )
    gc.unfreeze()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert "stops too late" in page(pytester)


def test_a_file_that_cannot_be_used_is_on_the_page(pytester: pytest.Pytester) -> None:
    """It is no less a failure than a scenario that does not hold."""
    pytester.path.joinpath("b.scenario.yaml").write_text("name: b\nscrip: {}\n", encoding="utf-8")
    pytester.runpytest("-p", "no:cacheprovider", "--dryfit-report=r.html", "b.scenario.yaml")
    html = page(pytester)
    assert html.count('data-outcome="error"') == 1
    assert ">b.scenario.yaml:2: scrip" in html  # as pytest names it, and not the whole path


def test_a_page_without_a_folder_is_a_usage_error(pytester: pytest.Pytester) -> None:
    """Before anything is collected."""
    result = pytester.runpytest("-p", "no:cacheprovider", "--dryfit-report=none/r.html")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: cannot write none/r.html: there is no folder none; *"])


@pytest.mark.parametrize("how", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_annotations_are_printed_where_asked_for(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, how: tuple[str, ...]
) -> None:
    """Lines of their own, and a summary in the file that GitHub reads."""
    summary = pytester.path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    result = run_pytest(pytester, "-p", "no:cacheprovider", "--dryfit-github", *how)
    for line in ANNOTATIONS:
        result.stdout.fnmatch_lines([line])
    assert "2 failed, 1 passed" in summary.read_text(encoding="utf-8")


def test_nothing_is_printed_where_nobody_asks(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even on GitHub."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    result = pytester.runpytest("-p", "no:cacheprovider", "a.scenario.yaml")
    result.stdout.no_fnmatch_line("::error*")


def test_junit_has_where_and_what(pytester: pytest.Pytester) -> None:
    """File, line and the annotation's text as properties; the whole text as the failure."""
    pytester.runpytest("-p", "no:cacheprovider", "--junitxml=j.xml", "a.scenario.yaml")
    root = ElementTree.parse(pytester.path / "j.xml").getroot()
    holds, fails = root.iter("testcase")
    assert list(holds.iter("property")) == []
    assert [(p.get("name"), p.get("value")) for p in fails.iter("property")] == [
        ("file", "a.scenario.yaml"),
        ("line", "14"),
        ("failure", "a.scenario.yaml:14: stopped.epoch, epoch 1: expected 2, got 1"),
    ]
    (failure,) = fails.iter("failure")
    assert "stopped.epoch, epoch 1  (a.scenario.yaml:14)\n    exp: 2\n    got: 1" in failure.text
