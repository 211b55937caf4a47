"""Tables as people read them."""

from dryfit.show.grid import Column, indented


def test_a_name_may_be_empty() -> None:
    """As in a file of measurements that somebody has edited: its row stands, without one."""
    (names,) = indented([Column("callback", "name", ["EarlyStopping", ""])])
    assert [name.strip() for name in names.cells] == ["EarlyStopping", ""]
