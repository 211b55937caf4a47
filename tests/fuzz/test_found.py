"""What fuzzing has found, and stays mended: each input with the whole of what is told."""

import re
from pathlib import Path

import fuzz_seeds
import pytest
from command_lines import drawn
from damage import damaged
from judged_command import run, wrong

CORPUS = Path(__file__).parent / "corpus"
BLOCKS = re.split(r"^== ", (CORPUS / "messages.txt").read_text(encoding="utf-8"), flags=re.M)[1:]
TOLD = {name: text for name, _, text in (block.partition("\n") for block in BLOCKS)}
COMMANDS = {
    "recordings": ["record", "--all", "--out", "made.scenario.yaml", "--from"],
    "accepted": ["accept"],
    "measurements": ["bench", "--with", "whole.json", "--compare"],
}


@pytest.mark.parametrize("name", sorted(TOLD))
def test_what_was_found_is_told_in_a_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status, and all that is printed; the file is as it was."""
    door, _, file = name.partition("/")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)  # where nothing is accepted
    data = (CORPUS / name).read_bytes()
    Path(file).write_bytes(data)
    Path("whole.json").write_bytes(fuzz_seeds.measurements()[0])
    ended = run([*COMMANDS[door], file])
    assert f"{ended.status}\n{ended.said}{ended.out}".strip() == TOLD[name].strip()
    assert Path(file).read_bytes() == data
    if Path("made.scenario.yaml").exists():
        assert run(["run", "made.scenario.yaml"]).status in (0, 1)  # it has no callbacks yet


def test_every_input_has_its_message() -> None:
    """No file of the corpus is left out."""
    files = [path for path in CORPUS.rglob("*") if path.is_file() and path.parent != CORPUS]
    assert sorted(TOLD) == sorted(path.relative_to(CORPUS).as_posix() for path in files)


def test_an_input_is_made_of_its_seed() -> None:
    """What was found once is found again, on any machine."""
    from random import Random

    seeds = fuzz_seeds.recordings()
    made = [(damaged(Random("a"), seeds), drawn(Random("a"))) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0] != (damaged(Random("b"), seeds), drawn(Random("b")))


def test_a_traceback_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fuzzer that finds nothing where there is something is worth nothing."""

    def breaks(arguments: list[str]) -> int:
        raise KeyError(arguments[0])

    monkeypatch.setattr("judged_command.main", breaks)
    assert list(wrong(run(["run"]))) == ["status None: KeyError: 'run'"]


@pytest.mark.parametrize(
    ("said", "status", "found"),
    [
        ("", 2, ["status 2 without a reason"]),
        ("bad\n", 2, ["a refusal that does not begin with a place: bad"]),
        ("a.json: bad\n", 2, []),
        ("a.json: bad\nwrote page.html\n", 2, []),
        ("dryfit run: internal error: KeyError: 1\n", 70, ["status 70: dryfit run: internal"]),
        ("", 1, []),
    ],
)
def test_an_end_that_is_none_is_found(
    said: str, status: int, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A status for an error of ours, a refusal without a reason, or without its file."""
    import sys

    def ends(arguments: list[str]) -> int:
        print(said, end="", file=sys.stderr)
        return status

    monkeypatch.setattr("judged_command.main", ends)
    told = list(wrong(run(["run"]), Path("a.json")))
    assert [line[: len(f)] for line, f in zip(told, found, strict=True)] == found
