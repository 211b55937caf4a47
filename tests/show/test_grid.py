"""Tables as people read them."""

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from dryfit.show import grid
from dryfit.show.grid import Column, as_grid, indented

WORDS = st.text("ab日 ", min_size=1, max_size=9).filter(str.strip)
TITLES = st.lists(WORDS, min_size=1, max_size=3).map("\n".join)
SHORT, LONG = (
    st.text("ab 日é\n.-", max_size=12),
    st.text("abc 日é\n.-\u00a0\u3000", min_size=40, max_size=200),
)


def columns(kind: str, cell: st.SearchStrategy[str]) -> st.SearchStrategy[Column]:
    """Columns of three rows."""
    return st.builds(Column, TITLES, st.just(kind), st.lists(cell, min_size=3, max_size=3))


COLUMNS = columns("name", SHORT | LONG) | columns("number", SHORT) | columns("words", SHORT | LONG)


def test_a_name_may_be_empty() -> None:
    """As in a file of measurements that somebody has edited: its row stands, without one."""
    (names,) = indented([Column("callback", "name", ["EarlyStopping", ""])])
    assert [name.strip() for name in names.cells] == ["EarlyStopping", ""]


@given(st.lists(COLUMNS, min_size=1, max_size=5))
def test_a_table_for_no_terminal_is_as_rich_has_it(columns: list[Column]) -> None:
    """Of cells of several lines, too, of wide letters, and of words and names that are folded."""
    width = grid._room(columns)
    terminal = Console(width=width, color_system=None)
    assert grid._laid_out(columns, width) == grid._drawn(columns, width, terminal)


def test_a_tab_is_spaces() -> None:
    """So that what is behind it stands below its title."""
    text = as_grid([Column("a", "words", ["1\t2"]), Column("b", "words", ["3"])])
    assert text.splitlines()[-1] == " 1       2   3"
