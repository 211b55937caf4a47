"""Several ranks from Python: `play` with a list of scripts, and callbacks by rank."""

import json
from pathlib import Path
from typing import Any

import keras
import pytest

from dryfit import Script, play
from dryfit.cli import main
from dryfit.pytest import ScriptedFit
from dryfit_fakes import StopAt
from dryfit_fakes.script_values import ScriptError

OWN = [{"val_loss": ".9 .5 .6x4"}, {"val_loss": ".9 .5 .6 .4 .45 .46"}]


def stopping(rank: int) -> list[Any]:
    """The same on every rank, made anew."""
    return [keras.callbacks.EarlyStopping(patience=2)]


@pytest.mark.parametrize("lane", ["fake", "real"])
def test_each_rank_is_a_play_of_its_own(lane: str) -> None:
    """With its logs, its callbacks and its model: what a play of it alone is."""
    run = play(OWN, stopping, lane, batches=2)
    alone = [play(metrics, stopping(0), lane, batches=2) for metrics in OWN]
    assert [rank.timeline for rank in run.ranks] == [one.timeline for one in alone]
    assert [rank.stopped_epoch for rank in run.ranks] == [3, 5]
    assert run.ranks[0] is run
    assert repr(run) == (
        f"<Run in the {lane} lane: 4 epochs, stopped at 3 by EarlyStopping, "
        "the weights of epoch 3, batch 1, rank 0 of 2>"
    )


def test_a_play_without_ranks_is_one_rank() -> None:
    """So that a loop over the ranks has it."""
    run = play({"loss": "1 .5"})
    assert run.ranks == (run,)


def test_scripts_of_one_kind_or_the_other() -> None:
    """Whole ones; one for all; callbacks that differ by rank, or none."""
    scripts = [Script(metrics=metrics, batches=3) for metrics in OWN]
    assert [rank.params["steps"] for rank in play(scripts).ranks] == [3, 3]
    run = play({"loss": "3 2 1"}, lambda rank: [StopAt(epoch=rank)], ranks=3)
    assert [rank.epochs_run for rank in run.ranks] == [1, 2, 3]


def test_a_later_play_goes_on_with_every_model() -> None:
    """Each rank with its own."""
    first = play(OWN, stopping)
    second = play({"loss": "2 1"}, ranks=2, after=first)
    assert [rank.weights.trained_batches for rank in second.ranks] == [4 + 2, 6 + 2]


def test_the_table_is_that_of_every_rank() -> None:
    """One below the other."""
    run = play(OWN, stopping)
    heads = [line for line in run.table().splitlines() if line.startswith("rank")]
    assert heads == ["rank 0", "rank 1"]


def test_the_fixture_takes_ranks(scripted_fit: ScriptedFit) -> None:
    """As `play` does."""
    assert [rank.epochs_run for rank in scripted_fit(OWN, stopping).ranks] == [4, 6]


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (
            {"script": OWN, "callbacks": [keras.callbacks.EarlyStopping()]},
            TypeError,
            "every rank has callbacks of its own: give a function that makes them, such as "
            "callbacks=lambda rank: [keras.callbacks.EarlyStopping()]",
        ),
        (
            {"script": OWN, "ranks": 3},
            ScriptError,
            "there are 2 scripts, one for each rank, and ranks=3",
        ),
        ({"script": {"loss": 1}, "ranks": 1}, ScriptError, "ranks are 2 or more, not 1"),
        ({"script": [{"loss": "1x2"}]}, ScriptError, "ranks are 2 or more, not 1"),
        (
            {"script": [{"loss": "1x2"}, {"loss": "1x3"}]},
            ScriptError,
            "the ranks have 2 and 3 epochs; one training has one number of them",
        ),
        (
            {"script": OWN, "model": keras.Sequential()},
            TypeError,
            "every rank has a model of its own; leave model= out",
        ),
        (
            {"script": {"loss": "1x2"}, "callbacks": stopping},
            TypeError,
            "callbacks= is a function of the rank, and there are no ranks; "
            "give ranks=2, or what it makes",
        ),
    ],
    ids=range(7),
)
def test_what_cannot_be_meant_is_refused(
    arguments: dict[str, Any], kind: type[Exception], message: str
) -> None:
    """With what to write."""
    with pytest.raises(kind) as refused:
        play(**arguments)
    assert str(refused.value) == message


def test_an_earlier_run_has_as_many_ranks() -> None:
    """Else somebody would begin anew."""
    with pytest.raises(ValueError, match="the earlier run had 1 ranks, and this one has 2"):
        play({"loss": "1x2"}, ranks=2, after=play({"loss": "1x2"}))


def test_json_and_the_page_have_every_rank(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In JSON as a list beside what is of rank 0, on the page as runs."""
    pytest.importorskip("jinja2")
    file = tmp_path / "ranks.scenario.yaml"
    file.write_text(
        "name: ranks\n"
        "script: {ranks: 2, metrics: [{loss: 3 2 2 2}, {loss: 3 2 1 1}]}\n"
        "callbacks: [EarlyStopping: {monitor: loss, patience: 1}]\n"
        "expect: {epochs_run: 3}\n"
    )
    page = tmp_path / "page.html"
    assert main(["run", str(file), "--format", "json", "--report", str(page)]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert [rank["epochs_run"] for rank in entry["run"]["ranks"]] == [3, 4]
    assert entry["run"]["ranks"][0] == {k: v for k, v in entry["run"].items() if k != "ranks"}
    html = page.read_text(encoding="utf-8")
    assert ("fit, rank 0" in html, "fit, rank 1" in html) == (True, True)


def test_callbacks_in_the_place_of_the_script_are_told() -> None:
    """A list is that of several ranks' scripts, but not one of callbacks."""
    swapped: Any = [keras.callbacks.EarlyStopping()]
    with pytest.raises(TypeError, match="the script comes first, and callbacks behind it"):
        play(swapped, {"loss": "1x3"})  # type: ignore[arg-type]
