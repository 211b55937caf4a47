"""The epoch table of a long run, and in a terminal."""

from io import StringIO

import pytest
from keras.callbacks import EarlyStopping, LearningRateScheduler
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
        "... 498 epochs like the one before",
        "499",
        "500",
        "501",
        "... 396 epochs like the one before",
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
    fold = "... 48 epochs like the one before"
    assert rows_of(run.table()) == ["0", fold, "49", "50", "51", fold, "100"]


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
    assert [line.rstrip() for line in table.splitlines()[-4:-1]] == [
        " epoch   what happened",
        " " + "\N{BOX DRAWINGS LIGHT HORIZONTAL}" * 36,
        "     3   EarlyStopping stops training",
    ]


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
