"""Whoever ends Python in a hook or a constructor has failed; the neighbours stand."""

import json
import re
import subprocess
import threading
from contextlib import chdir
from pathlib import Path

import pytest
from ready_python import python

from dryfit import load_scenarios
from dryfit.judge.verdict import judge
from dryfit.scenario.usage import UsageError
from dryfit.sweep import sweep

HERE = Path(__file__).parent
NAMES = (
    "Closes",
    "Crashes",
    "Ends",
    "Exits",
    "ExitsWhenMade",
    "Fine",
    "ForksAndStays",
    "Interrupts",
    "TakesMemory",
)

TOLD = """\
a.scenario.yaml:1: Closes [fake]
  raises, epoch 0  (a.scenario.yaml:4)
    got: GeneratorExit by Closes in on_epoch_end
a.scenario.yaml:6: Crashes [fake]
  Python was ended by SIGSEGV
a.scenario.yaml:11: Ends [fake]
  Python was ended with status 0
a.scenario.yaml:16: Exits [fake]
  raises, epoch 0  (a.scenario.yaml:19)
    got: SystemExit: 0 by Exits in on_epoch_end
a.scenario.yaml:31: ForksAndStays [fake]
  raises  (a.scenario.yaml:34)
    got: LeftCopyError: 2 copies of the process that os.fork made in a hook go on after the last \
call; end each with os._exit, and wait for it with os.waitpid in on_train_end
a.scenario.yaml:36: Interrupts [fake]
  raises, epoch 0  (a.scenario.yaml:39)
    got: KeyboardInterrupt: mine by Interrupts in on_epoch_end
a.scenario.yaml:41: TakesMemory [fake]
  it took more than 1.5 GB of memory, and had to be killed
9 scenarios, 5 checks, in fake; 1 error; 7 failed; 1 passed
"""


# The command line, on a machine of so much memory. It forks a child for each callback that ends
# one: before Keras is imported as a rule, here when that is all that was done with it.
SMALL = (
    "import sys; from dryfit.cli import main, watched_process; from dryfit.lanes import memory; "
    "memory._machine_bytes = lambda: 2e9; watched_process._HEAVY = (); sys.exit(main())"
)


def dryfit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    with chdir(folder):
        return python("-c", SMALL, *arguments)


def scenarios(folder: Path, *names: str) -> None:
    (folder / "hostiles.py").write_text((HERE / "hostile.py").read_text())
    (folder / "a.scenario.yaml").write_text(
        "---\n".join(
            f"name: {name}\nscript: {{metrics: {{loss: 1x2}}}}\ncallbacks: ['hostiles:{name}']\n"
            "expect: {epochs_run: 2}\n"
            for name in names
        )
    )


def without_lines(text: str) -> str:
    """Without the line of the callback's own that raised."""
    return re.sub(r" \(\S*hostiles\.py:\d+, in \w+\)", "", text)


def ours(errors: str) -> list[str]:
    """What is not a backend's chatter."""
    return [line for line in errors.splitlines() if line.startswith(("a.scenario", "dryfit"))]


def test_each_has_its_own_verdict(tmp_path: Path) -> None:
    """Also those that take their process along: another goes on. The status is never 0."""
    scenarios(tmp_path, *NAMES)
    done = dryfit(tmp_path, "run", "a.scenario.yaml")
    wanted = ("a.scenario", "  raises", "  Python", "  it took", *(f"    got: {x}" for x in "GSKL"))
    told = [line for line in done.stdout.splitlines() if line.startswith((*wanted, "9 "))]
    assert without_lines("\n".join(told) + "\n") == TOLD
    assert ours(without_lines(done.stderr)) == [
        "a.scenario.yaml:23: callbacks[0]: hostiles:ExitsWhenMade() raised SystemExit: 0"
    ]
    assert done.returncode == 2


def test_where_workers_play_it_is_named_as_well(tmp_path: Path) -> None:
    """The last that is left is played where that is found out."""
    scenarios(tmp_path, "Crashes")
    done = dryfit(tmp_path, "run", "a.scenario.yaml", "--jobs", "2")
    assert "a.scenario.yaml:1: Crashes [fake]\n  Python was ended by SIGSEGV" in done.stdout
    assert done.returncode == 1


def test_check_has_a_card_of_each(tmp_path: Path) -> None:
    """Who forks and who takes memory fails one row, by name, and the next target stands."""
    scenarios(tmp_path)
    targets = [f"hostiles:{name}" for name in ("ForksAndStays", "TakesMemory", "Fine")]
    done = dryfit(tmp_path, "check", "--format=json", *targets)
    told = [
        [(row["name"], row["reason"]) for row in card["results"] if row["outcome"] == "failed"]
        for card in json.loads(done.stdout)
    ]
    forked = (  # in five plays of four epochs each
        "LeftCopyError: 20 copies of the process that os.fork made in a hook go on after the last "
        "call; end each with os._exit, and wait for it with os.waitpid in on_train_end"
    )
    ended = "had to be ended: it took more than 1.5 GB of memory"
    assert told == [[("plain run", forked)], [("plain run", ended)], []]
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("trace a.scenario.yaml", "a.scenario.yaml::crashes"),
        ("sweep a.csv --jobs 1 --with hostiles:Crashes", "hostiles:Crashes"),
    ],
)
def test_what_ended_python_is_named(command: str, what: str, tmp_path: Path) -> None:
    """There is no verdict to tell; the status is that of what does not hold."""
    scenarios(tmp_path, "Crashes")
    (tmp_path / "a.csv").write_text("epoch,loss\n0,2\n1,1\n")
    name, *rest = command.split()
    done = dryfit(tmp_path, name, *rest)
    told = f"dryfit {name}: Python was ended by SIGSEGV while {what} was played"
    assert (done.returncode, ours(done.stderr)) == (1, [told])


@pytest.mark.parametrize(
    ("name", "got"),
    [
        ("Exits", " on a.csv: raised SystemExit: 0"),
        ("ExitsWhenMade", ": hostiles:ExitsWhenMade refuses it: SystemExit: 0"),
        ("Interrupts", " on a.csv: raised KeyboardInterrupt: mine"),
        ("Forks", ""),
        ("IsMute", " on a.csv: raised MuteError: its message cannot be made: LookupError"),
    ],
)
def test_a_sweep_names_who_would_end_it(
    name: str, got: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what comes of a signal is an interrupt; and no copy goes on beside it."""
    scenarios(tmp_path)
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("epoch,loss\n0,2\n1,1\n")
    told = ""
    try:
        sweep("a.csv", f"hostiles:{name}", monitor="loss")
    except UsageError as error:
        told = str(error)
    assert told == (got and f"--with: hostiles:{name}{got}")


IN_HOOK = "by {} in on_epoch_end"


@pytest.mark.parametrize("lane", ["fake", "real"])
@pytest.mark.parametrize(
    ("name", "got"),
    [
        ("WritesWhatIsOdd", f"LookupError: getattr shape {IN_HOOK}"),
        ("KeepsWhatIsOdd", ""),
        ("IsMute", f"MuteError: its message cannot be made: LookupError {IN_HOOK}"),
        ("Recurses", f"RecursionError: maximum recursion depth exceeded {IN_HOOK}"),
        ("PrintsNone", f"TypeError: object of type 'NoneType' has no len() {IN_HOOK}"),
        ("HasNoAttributes", "LookupError: dict"),
        ("Forks", ""),
        ("ClosesStdout", ""),
        (
            "LeavesAThread",
            "LeftThreadError: the thread 'goes on' goes on after the last call, and Python waits "
            "for it at its end; end it in on_train_end, or start it with daemon=True",
        ),
    ],
)
def test_whatever_a_hook_does_is_its_own(name: str, got: str, lane: str, tmp_path: Path) -> None:
    """One failure with its reason, or none where nothing is broken; and the process goes on."""
    scenarios(tmp_path, name)
    verdict = judge(load_scenarios(tmp_path / "a.scenario.yaml")[0], lane)
    for thread in threading.enumerate():
        if thread.name == "goes on":
            thread._target.__self__.set()  # type: ignore[attr-defined]
            thread.join()
    found = [
        without_lines(failure.got) for failure, _ in verdict.failures if failure.what == "raises"
    ]
    assert found == ([got.format(name)] if got else [])
