"""Tables as people read them."""

from hypothesis import given
from hypothesis import strategies as st

from dryfit.show import grid
from dryfit.show.grid import Column, indented

CELLS = st.lists(st.text("ab 日é\n.-", max_size=12), min_size=3, max_size=3)
WORDS = st.text("ab日 ", min_size=1, max_size=9).filter(str.strip)
TITLES = st.lists(WORDS, min_size=1, max_size=3).map("\n".join)
COLUMNS = st.builds(Column, TITLES, st.sampled_from(["name", "number", "words"]), CELLS)


def test_a_name_may_be_empty() -> None:
    """As in a file of measurements that somebody has edited: its row stands, without one."""
    (names,) = indented([Column("callback", "name", ["EarlyStopping", ""])])
    assert [name.strip() for name in names.cells] == ["EarlyStopping", ""]


@given(st.lists(COLUMNS, min_size=1, max_size=4))
def test_a_table_that_folds_nothing_is_as_rich_has_it(columns: list[Column]) -> None:
    """Whoever lays it out; of cells of several lines, too, and of wide letters."""
    laid_out = grid._laid_out(columns, 120)
    assert laid_out == grid._drawn(columns, 120, None)
