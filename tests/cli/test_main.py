"""How the command line ends: exit statuses, and the line that says why."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dryfit.cli import main

# A callback that sends a signal to the process that it is in, once an epoch is over.
SENDS = """
import os
import keras

class Sends(keras.callbacks.Callback):
    def __init__(self, number):
        super().__init__()
        self.number = number

    def on_epoch_end(self, epoch, logs=None):
        os.kill(os.getpid(), self.number)
"""
SENT = """
name: a signal comes
script: {{metrics: {{loss: 1x2}}}}
callbacks: [{{"sends:Sends": {{number: {number}}}}}]
expect: {{epochs_run: 2}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRYFIT_DEBUG", raising=False)
    return tmp_path


@pytest.fixture
def breaks(monkeypatch: pytest.MonkeyPatch) -> "type[Breaks]":
    monkeypatch.setattr("dryfit.cli.schema_command.print_json", Breaks.break_)
    return Breaks


class Breaks:
    """What ``dryfit schema`` ends in."""

    error: BaseException

    @classmethod
    def break_(cls, printed: object) -> None:
        """Raise it."""
        raise cls.error


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "."], "dryfit run: .: no *.scenario.yaml file in there\n"),
        (["bench"], "dryfit bench: CALLBACK: name one to measure, such as EarlyStopping, or "),
        (["bench", "History", "--batches", "1"], "dryfit bench: --batches: it is 1; a measurement"),
        (["bench", "History", "--step-time", "5"], "dryfit bench: --step-time: '5' is no time"),
        (["check", "CSVLogger: {a: 1}"], "dryfit check: CALLBACK: CSVLogger.a: no such argument."),
        (
            ["check", "CSVLogger"],
            "dryfit check: CSVLogger() raised TypeError: CSVLogger.__init__() missing",
        ),
        (["explore", "History", "--examples", "0"], "dryfit explore: --examples: it is 1 or more"),
    ],
)
def test_a_usage_error_names_the_command_and_the_argument(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 2, on stderr, in one line."""
    assert main(words) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert printed.err.startswith(told)


def test_a_problem_of_a_file_is_told_by_its_place_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An editor goes to the line; the command is not at fault."""
    assert main(["run", "gone.scenario.yaml"]) == 2
    assert capsys.readouterr().err == (
        "gone.scenario.yaml: cannot be read: No such file or directory\n"
    )


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("two\n  lines"),
        BrokenPipeError("two lines"),  # of another pipe than stdout
        ImportError("two lines", name="module"),  # Python's: ours have no name
    ],
)
def test_what_nobody_foresaw_is_one_line_and_status_70(
    error: Exception, breaks: type[Breaks], capsys: pytest.CaptureFixture[str]
) -> None:
    """Never 1, which says that a scenario does not hold."""
    breaks.error = error
    assert main(["schema"]) == 70
    assert capsys.readouterr().err == (
        f"dryfit schema: internal error: {type(error).__name__}: two lines; "
        "DRYFIT_DEBUG=1 shows the traceback\n"
    )


def test_a_traceback_is_printed_where_it_is_asked_for(
    breaks: type[Breaks], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the line, with the place."""
    breaks.error = RuntimeError("one")
    monkeypatch.setenv("DRYFIT_DEBUG", "1")
    assert main(["schema"]) == 70
    first, *others = capsys.readouterr().err.splitlines()
    assert first == "Traceback (most recent call last):"
    assert any(line.endswith("in break_") for line in others)
    assert others[-2:] == ["RuntimeError: one", "dryfit schema: internal error: RuntimeError: one"]


def test_what_is_not_installed_is_bad_input(
    breaks: type[Breaks], capsys: pytest.CaptureFixture[str]
) -> None:
    """The error says what to install."""
    breaks.error = ImportError("pip install it")
    assert main(["schema"]) == 2
    assert capsys.readouterr().err == "dryfit schema: pip install it\n"


def test_an_interrupt_is_status_130(
    breaks: type[Breaks], capsys: pytest.CaptureFixture[str]
) -> None:
    """As of any program that Ctrl-C ended."""
    breaks.error = KeyboardInterrupt()
    assert main(["schema"]) == 130
    assert capsys.readouterr().err == "dryfit schema: interrupted\n"


def test_a_system_exit_is_no_command_s_end(
    breaks: type[Breaks], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever raised it, nothing is known to hold: the status is never its own."""
    breaks.error = SystemExit(0)
    assert main(["schema"]) == 70
    assert capsys.readouterr().err == (
        "dryfit schema: internal error: SystemExit: 0; DRYFIT_DEBUG=1 shows the traceback\n"
    )


@pytest.mark.parametrize(
    ("number", "status", "told"),
    [
        (signal.SIGINT, 130, "dryfit run: interrupted; 0 of 1 played\n"),
        (signal.SIGTERM, 143, "dryfit run: ended by SIGTERM; 0 of 1 played\n"),
    ],
)
def test_a_signal_while_a_scenario_plays_ends_the_command(
    number: int, status: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not what the callback raised; the handler of before is there again."""
    Path("sends.py").write_text(SENDS)
    Path("a.scenario.yaml").write_text(SENT.format(number=int(number)))
    before = signal.getsignal(number)
    assert main(["run", "."]) == status
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", told)
    assert signal.getsignal(number) is before


def test_a_signal_that_is_ignored_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under nohup, or in the background of a shell script."""
    Path("sends.py").write_text(SENDS)
    Path("a.scenario.yaml").write_text(SENT.format(number=int(signal.SIGTERM)))
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        assert main(["run", "."]) == 0
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_it_runs_in_any_thread() -> None:
    """Where no handler can be set."""
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(main, ["schema"]).result() == 0


def test_a_reader_that_goes_away_is_no_error() -> None:
    """`dryfit schema | head -1`: status 141, as of SIGPIPE, and nothing on stderr."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "dryfit", "schema"]
    try:
        ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True)
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, "")


def test_what_is_wrong_on_the_command_line_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Also where it has line ends in it."""
    assert main(["bench", "Early\nStopping"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("dryfit bench: CALLBACK: Early Stopping: unknown callback")
    assert told.count("\n") == 1


def test_a_program_that_calls_main_is_not_forked(folder: Path) -> None:
    """What stands behind the call is done once."""
    (folder / "a.scenario.yaml").write_text(
        "name: a\nscript: {metrics: {loss: 1x2}}\nexpect: {epochs_run: 2}\n"
    )
    (folder / "program.py").write_text(
        "import sys\nfrom dryfit.cli import main\n"
        "status = main(['run', 'a.scenario.yaml'])\nprint('behind', status)\n"
    )
    done = subprocess.run(
        [sys.executable, "program.py"], capture_output=True, text=True, check=True, timeout=600
    )
    assert done.stdout.splitlines() == ["1 scenario, 1 check, in fake; 1 passed", "behind 0"]
