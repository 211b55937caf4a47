"""What is played without a word."""

import logging
import sys
import warnings
from io import StringIO
from pathlib import Path

import pytest

from dryfit.judge.quiet import quiet


def test_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither printed nor warned of; what comes behind it is said."""
    with quiet():
        print("a line")
        print("a line", file=sys.stderr)
        warnings.warn("a warning", stacklevel=1)
    print("behind")
    assert capsys.readouterr() == ("behind\n", "")


def test_the_log_of_tensorflow_says_nothing_but_to_files(tmp_path: Path) -> None:
    """Its handler has had its stream since TensorFlow was imported."""
    log, stream, file = logging.getLogger("tensorflow"), StringIO(), tmp_path / "log"
    handlers = [logging.StreamHandler(stream), logging.FileHandler(file)]
    for handler in handlers:
        log.addHandler(handler)
    try:
        with quiet():
            log.warning("in a play")
        log.warning("behind")
    finally:
        for handler in handlers:
            log.removeHandler(handler)
            handler.close()
    assert (stream.getvalue(), file.read_text()) == ("behind\n", "in a play\nbehind\n")
