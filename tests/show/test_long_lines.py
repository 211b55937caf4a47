"""Sentences in a narrow terminal."""

from rich.console import Console

from dryfit.show.long_lines import folded

CARD = """\
  ✓ plain run   comes to its end, 4 epochs
  ✗ NaN first   stops in on_epoch_end of epoch 1, though every value is the best
      why: Nothing is less or greater than NaN: as the best value it stays.

    name: a line of a file stays as it is however long it is, to be copied
2 epochs in the fake lane, stopped in epoch 1; the weights are those of epoch 1"""


def test_words_go_on_below_where_they_began() -> None:
    """Without breaking one; what a file has, which may be copied, stays whole."""
    assert (
        folded(CARD, Console(width=50))
        == """\
  ✓ plain run   comes to its end, 4 epochs
  ✗ NaN first   stops in on_epoch_end of epoch 1,
                though every value is the best
      why: Nothing is less or greater than NaN: as
           the best value it stays.

    name: a line of a file stays as it is however long it is, to be copied
2 epochs in the fake lane, stopped in epoch 1; the
weights are those of epoch 1"""
    )


def test_nothing_is_folded_for_a_pipe() -> None:
    """A program that reads it finds a line where there is one."""
    assert folded(CARD, None) == CARD


def test_what_migrate_advises_is_folded_too() -> None:
    """Its numbered items stand less far in than a check's."""
    why = "   why: logs are in the order of the alphabet"
    told = f"{why}\n   and so 2 others: plain run; no validation"
    assert (
        folded(told, Console(width=36))
        == """\
   why: logs are in the order of the
        alphabet
   and so 2 others: plain run; no
      validation"""
    )
