"""What is printed and kept is noted up to a bound, and it is said what is left out."""

import io
import sys
from contextlib import redirect_stdout
from typing import Any

import keras
import pytest

from dryfit import play
from dryfit.recorder import capture


class Prints(keras.callbacks.Callback):
    def __init__(self, *texts: str) -> None:
        super().__init__()
        self._texts = texts

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        for text in self._texts:
            sys.stdout.write(text)


def printed(*texts: str) -> list[str]:
    with redirect_stdout(io.StringIO()):
        return [line.text for line in play({"loss": "1x1"}, [Prints(*texts)]).prints]


@pytest.mark.parametrize(
    ("texts", "lines"),
    [
        (("a\n", "b"), ["a", "b"]),
        (("a", "b\nc", "\n"), ["ab", "c"]),
        (("\n\n", "a\n"), ["", "", "a"]),
        ((), []),
        (("", "a"), ["a"]),
    ],
)
def test_lines_are_as_they_were_printed(texts: tuple[str, ...], lines: list[str]) -> None:
    """However they were cut into writes."""
    assert printed(*texts) == lines


def test_what_is_too_much_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """And said once; the stream itself gets everything."""
    monkeypatch.setattr(capture, "MOST_PRINTED", 10)
    monkeypatch.setattr(capture, "_TOO_MUCH", "(the rest is left out)")
    whole = io.StringIO()
    with redirect_stdout(whole):
        run = play({"loss": "1x3"}, [Prints("123456\n")])
    assert [line.text for line in run.prints] == ["123456", "123", "(the rest is left out)"]
    assert whole.getvalue() == "123456\n" * 3


def test_a_line_is_put_together_once() -> None:
    """Writes without a newline cost what they are long, and no more the longer the line is."""
    (line,) = printed(*["x"] * 20_000)
    assert line == f"{'x' * 10_000}… (10000 characters left out)"


def test_an_attribute_is_kept_as_far_as_somebody_reads_it() -> None:
    """Its length is told."""

    class Keeps(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.text = "x" * 30_000

    run = play({"loss": "1x1"}, [Keeps()])
    assert run.state["Keeps.text"] == (f"{'x' * 10_000}… (20000 characters left out)",)


def test_a_stream_that_a_callback_closes_stays_open() -> None:
    """It is the caller's."""

    class Closes(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            sys.stdout.close()
            print("still")

    whole = io.StringIO()
    with redirect_stdout(whole):
        play({"loss": "1x1"}, [Closes()])
    assert whole.getvalue() == "still\n"


def test_an_exception_that_cannot_be_read_is_told_all_the_same() -> None:
    """Its kind is known."""

    class MuteError(ValueError):
        def __str__(self) -> str:
            raise LookupError

    class Raises(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            raise MuteError

    with pytest.raises(MuteError) as raised:
        play({"loss": "1x1"}, [Raises()])
    run = raised.value.run  # type: ignore[attr-defined]
    assert (run.raised.type, run.raised.message) == (
        "MuteError",
        "its message cannot be made: LookupError",
    )
