"""The page of the wall says what the battery says."""

from pathlib import Path

import wall

PAGE = Path(__file__).parents[2] / "docs" / "compatibility.md"


def test_the_page_is_what_the_command_writes() -> None:
    """Three rows of it, with what failed, played again."""
    names = ("EarlyStopping: {patience: 3}", "TerminateOnNaN", wall._TUTORIAL[0])
    bricks = [brick for brick in wall.bricks() if brick.name in names]
    page = wall._page([(brick, *wall._played(brick)) for brick in bricks])
    told = [row for row in page.splitlines() if row.startswith("| `")]
    assert len(told) == 3 + 3
    assert [row for row in told if row not in PAGE.read_text().splitlines()] == []


def test_what_is_not_installed_is_said() -> None:
    """The page has a row for it, with the reason and no counts."""
    brick = wall.Brick("Nobody", "nobody-has-this", lambda: None)
    assert wall._played(brick) == (None, "nobody-has-this is not installed")
    assert (
        "| `Nobody` | nobody-has-this | | | not played: nobody-has-this is not installed |"
        in wall._page([(brick, *wall._played(brick))])
    )


def test_a_callback_that_cannot_be_made_does_not_end_the_wall() -> None:
    """Its row says what was raised."""

    def raises() -> None:
        raise OSError("no such host")

    assert wall._played(wall.Brick("Away", "keras", raises)) == (None, "OSError: no such host")
