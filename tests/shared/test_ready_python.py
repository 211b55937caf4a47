"""What tests take for a Python of its own is one."""

import os
import signal

import pytest
from ready_python import python


@pytest.mark.parametrize(
    ("code", "status", "out", "err"),
    [
        ("import sys; print(sys.argv[1:], __name__)", 0, "['a', 'b'] __main__\n", ""),
        ("import sys; sys.exit('no')", 1, "", "no\n"),
        ("import sys; print('no', file=sys.stderr); sys.exit(3)", 3, "", "no\n"),
        ("import os; os.kill(os.getpid(), 15)", -signal.SIGTERM, "", ""),
        ("import sys; print('keras' in sys.modules)", 0, "True\n", ""),
    ],
)
def test_code_runs_as_it_does_in_a_new_python(code: str, status: int, out: str, err: str) -> None:
    """Arguments, both streams, the status, and the signal that ended it."""
    ended = python("-c", code, "a", "b")
    assert (ended.returncode, ended.stdout, ended.stderr) == (status, out, err)


def test_its_environment_is_what_it_was_given() -> None:
    """And not that of the process that it is forked from."""
    code = "import os; print(sorted(os.environ))"
    given = {"PATH": os.environ["PATH"], "OTHER": "1"}
    assert python("-c", code, environment=given).stdout == "['OTHER', 'PATH']\n"


def test_one_knows_nothing_of_another() -> None:
    """What one has changed is gone with it."""
    assert python("-c", "import keras; keras.mine = 1").returncode == 0
    assert "AttributeError" in python("-c", "import keras; keras.mine").stderr
