"""The epoch table of a long run, and in a terminal."""

import warnings
from io import StringIO
from pathlib import Path

import pytest
from keras.callbacks import Callback, EarlyStopping, LearningRateScheduler, ModelCheckpoint
from rich.console import Console

from dryfit import play
from dryfit.show.folding import folds


def rows_of(table: str) -> list[str]:
    """What stands in the column ``epoch`` of each row, or the whole of a fold."""
    lines = [line for line in table.splitlines()[2:-1] if line[:6].strip()]
    return [" ".join(line.split()) if "..." in line else line.split()[0] for line in lines]


def a_terminal(width: int) -> Console:
    return Console(
        file=StringIO(), width=width, force_terminal=True, color_system="standard", _environ={}
    )


def test_a_short_table_has_every_row() -> None:
    """Forty rows of nothing are forty rows."""
    assert folds(["nothing"] * 40) == []


def test_rows_stay_where_the_kind_changes() -> None:
    """The last before and the first after, beside the table's first and last."""
    kinds = ["a"] * 20 + ["b"] * 2 + ["a"] * 20
    assert folds(kinds) == [range(1, 19), range(23, 41)]


def test_a_row_that_is_asked_for_stays() -> None:
    """It is what an expectation points at."""
    assert folds(["a"] * 41, [20]) == [range(1, 20), range(21, 40)]


def test_two_rows_are_not_folded() -> None:
    """The fold would be as long."""
    kinds = ["a"] * 4 + ["b"] * 40
    assert folds(kinds) == [range(5, 43)]


def test_much_that_happens_is_cut_in_its_middle() -> None:
    """A hundred rows stay of a thousand in which every row is another kind."""
    assert folds(list(range(1000))) == [range(50, 950)]


def test_a_long_run_is_folded_around_what_happened() -> None:
    """The rate is cut in epoch 500, and training stops in epoch 899."""
    run = play(
        {"val_loss": "1-.001x899 .5...", "loss": 1},
        [
            LearningRateScheduler(lambda epoch: 0.1 if epoch < 500 else 0.01),
            EarlyStopping(patience=1),
        ],
        epochs=1000,
        learning_rate=0.1,
    )
    assert run.stopped_epoch == 899
    assert rows_of(run.table()) == [
        "0",
        "... nothing happened in 498 epochs;",
        "499",
        "500",
        "501",
        "... nothing happened in 396 epochs;",
        "898",
        "899",
    ]


def test_every_row_can_be_asked_for() -> None:
    """Without folds, a row an epoch."""
    run = play({"loss": 1}, [], epochs=200)
    assert rows_of(run.table(fold=False)) == [str(epoch) for epoch in range(200)]


def test_a_nan_in_a_long_run_is_seen() -> None:
    """Nobody does anything about it; its row stays."""
    run = play({"loss": "1x50 nan 1x50"}, [])
    fold = "... nothing happened in 48 epochs; loss 1"
    assert rows_of(run.table()) == ["0", fold, "49", "50", "51", fold, "100"]


class WarmupCosine(Callback):
    """Sets the rate after each of a hundred batches: up to 1, and down again."""

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        at = batch / 50 if batch <= 50 else 2 - batch / 50
        self.model.optimizer.learning_rate = 0.01 + 0.99 * at
        if batch == 99:
            self.model.stop_training = True


class Chatters(Callback):
    """Says much in every epoch, and stops in the second."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        for number in range(20):
            assert logs is not None
            logs[f"extra{number}"] = 1.0
        if epoch == 1:
            self.model.stop_training = True


class Warns(Callback):
    """Warns of the same in every epoch but the third."""

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        if epoch != 2:
            warnings.warn("no validation", stacklevel=1)


def test_many_rates_of_one_callback_are_one_line() -> None:
    """First, highest and last; and the stop behind them is told."""
    run = play({"loss": "1x2"}, [WarmupCosine()], batches=100, learning_rate=0.5)
    told = " ".join(run.table().split())
    assert "WarmupCosine sets 100 rates: 0.01 … 1 … 0.0298" in told
    assert "WarmupCosine stops training at batch 99" in told
    assert "more" not in told


def test_a_stop_is_told_however_much_is_said() -> None:
    """What else is said beyond eight lines is counted."""
    run = play({"loss": "1x3"}, [Chatters()])
    table = run.table()
    assert "Chatters stops training" in table
    assert "... and 13 more" in table  # of the first epoch
    assert "... and 14 more" in table


def test_a_warning_that_comes_again_is_one_line() -> None:
    """With the epochs in which it came."""
    with pytest.warns(UserWarning, match="no validation"):
        run = play({"loss": "1x5"}, [Warns()])
    table = " ".join(run.table().split())
    assert "Warns warns: no validation (in epochs 0\u20131, 3\u20134)" in table
    assert table.count("no validation") == 1


class Reads(Callback):
    """Reads a key that may not be there."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        assert logs is not None
        self.best = logs["val_los"]


def test_a_key_that_no_epoch_reported_is_told() -> None:
    """Of what Keras' callbacks monitor, and of what one's own reads; with what was meant."""
    with pytest.warns(UserWarning, match="not available"):
        run = play({"loss": "1x2", "val_los": 1}, [EarlyStopping(patience=1)])
    (last,) = run.table().splitlines()[-1:]
    told = "EarlyStopping asked for 'val_loss', which no epoch reported; did you mean 'val_los'?"
    assert last == told
    with pytest.raises(KeyError) as caught:
        play({"loss": "1x2", "val_loss": 1}, [Reads()])
    (last,) = caught.value.run.table().splitlines()[-1:]  # type: ignore[attr-defined]
    assert last == "Reads asked for 'val_los', which no epoch reported; did you mean 'val_loss'?"


class Gets(Callback):
    """Asks for keys that may not be there, and goes on without."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        found = logs or {}
        self.seen = [found.get("val_loss"), found.get("lr"), found.get("extra", 0.0)]
        self.best = (logs or {}).get("val_accuracy", 1.0)


def test_a_misspelt_key_that_is_got_is_told() -> None:
    """What may well be left out is not: a validation, the rate, and what is like nothing."""
    run = play({"loss": "1x2", "val_acuracy": 1}, [Gets()])
    told = "Gets asked for 'val_accuracy', which no epoch reported; did you mean 'val_acuracy'?"
    assert run.table().splitlines()[-1] == told
    assert "asked for" not in play({"loss": "1x2", "val_accuracy": 1}, [Gets()]).table()
    assert "asked for" not in play({"loss": "1x2", "accuracy": 1}, [Gets()]).table()


def test_a_key_that_is_reported_is_not_told() -> None:
    """Nor one of which nobody can tell, because no epoch ended."""
    run = play({"loss": "1x2", "val_loss": 1}, [EarlyStopping(patience=1)])
    assert "asked for" not in run.table()


def test_who_saves_every_epoch_asks_for_no_key(tmp_path: Path) -> None:
    """Its monitor is val_loss, unless it is told another, and nobody reads it."""
    run = play({"loss": "1x2"}, [ModelCheckpoint(tmp_path / "a.keras")])
    assert "asked for" not in run.table()


def test_a_fold_says_what_it_folds() -> None:
    """That nothing happened, or what goes on happening; and where a metric went."""
    quiet = play({"loss": 1, "val_loss": "1-.01x60"}, []).table()
    assert "nothing happened in 58 epochs; val_loss 0.99 … 0.42" in " ".join(quiet.split())
    falls = LearningRateScheduler(lambda epoch: 1 / (1 + epoch))
    busy = " ".join(play({"loss": "1x60"}, [falls]).table().split())
    assert "57 epochs like the one before; loss 1" in busy


@pytest.mark.parametrize("width", [80, 100, 200])
def test_it_is_as_wide_as_the_terminal(width: int) -> None:
    """It takes all columns but the last, or what its words need."""
    run = play({"loss": 1, "val_loss": ".9 .5 .6x4"}, [EarlyStopping(patience=2)])

    def widest(columns: int) -> int:
        *rows, _ = without_colours(run.table(terminal=a_terminal(columns))).splitlines()
        return max(len(row.rstrip()) for row in rows)

    assert widest(width) == min(width - 1, widest(1000))


@pytest.mark.parametrize("width", [20, 30, 40, 60, 79])
def test_it_goes_on_below_in_a_terminal_that_is_too_narrow(width: int) -> None:
    """Nothing is wider than the terminal, and nothing is lost."""
    run = play({"loss": 1, "val_loss": ".9 .5 .6x4"}, [EarlyStopping(patience=2)])
    *rows, _ = run.table(terminal=a_terminal(width)).splitlines()
    assert max(len(without_colours(row)) for row in rows) <= width
    plain = run.table().rpartition("\n")[0]
    assert words(plain) <= words(without_colours("\n".join(rows)))


def test_below_stand_only_rows_that_have_an_entry_there() -> None:
    """Each with its epoch: the stop is in epoch 3."""
    run = play({"loss": 1, "val_loss": ".9 .5 .6x4"}, [EarlyStopping(patience=2)])
    table = without_colours(run.table(terminal=a_terminal(40)))
    assert rows_of(table.partition("\n\n")[0] + "\nlast") == ["0", "1", "2", "3"]
    below = table.rpartition("\n\n")[2].splitlines()
    assert [line.rstrip() for line in below[:3]] == [
        " epoch   what happened",
        " " + "\N{BOX DRAWINGS LIGHT HORIZONTAL}" * 36,
        "     3   EarlyStopping stops training",
    ]
    assert max(map(len, below)) <= 40


def test_no_name_becomes_markup_or_emoji() -> None:
    """Neither a terminal's nor that of what draws the table."""
    run = play({"[red]loss[/] :smile:": 1, "\x1b[31m": 1}, [], epochs=1)
    for table in (run.table(), without_colours(run.table(terminal=a_terminal(120)))):
        assert "[red]loss[/] :smile:" in table
        assert "\\x1b[31m" in table


def test_what_ends_a_run_is_red_in_a_terminal() -> None:
    """The words are those of the plain table."""
    run = play({"loss": 1, "val_loss": ".9 .5 .6x4"}, [EarlyStopping(patience=2)])
    text = run.table(terminal=a_terminal(120))
    assert "\x1b[1;31mEarlyStopping stops training\x1b[0m" in text
    assert "\x1b" not in run.table()


def words(text: str) -> set[str]:
    """What stands in a table, wherever it is folded."""
    return {word for word in text.split() if len(word) < 12}


def without_colours(text: str) -> str:
    from rich.text import Text

    return Text.from_ansi(text).plain
