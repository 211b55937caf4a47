"""What is no file of a bounded size is refused before anything of it is read."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from dryfit.cli import main
from dryfit.facts.visible_text import visible
from dryfit.scenario.bounded_file import UnreadableFileError, read_bounded
from dryfit.scenario.bounded_json import read_json


def _bind(name: str) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(name)  # its file stays


IRREGULAR = "is no regular file; write what it gives into one, and name that"
MAKES: dict[str, Callable[[str], object]] = {
    "sparse": lambda name: (Path(name).touch(), os.truncate(name, 50_000_000_000)),
    "pipe": os.mkfifo,
    "socket": _bind,
    "device": lambda name: os.symlink("/dev/zero", name),
    "loop": lambda name: os.symlink(name, name),
    "missing": lambda name: None,
}
TOLD = {
    "sparse": "has 50,000,000,000 bytes; 10,000,000 are read at most",
    "pipe": IRREGULAR,
    "socket": IRREGULAR,
    "device": IRREGULAR,
    "loop": "cannot be read: Too many levels of symbolic links",
    "missing": "cannot be read: No such file or directory",
}

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a POSIX system has all of them")


@pytest.mark.parametrize("kind", MAKES)
def test_what_is_no_bounded_file_is_refused_at_once(
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing waits for a pipe, and no fifty gigabytes are read."""
    monkeypatch.chdir(tmp_path)
    MAKES[kind]("a.scenario.yaml")
    assert main(["run", "a.scenario.yaml"]) == 2
    assert capsys.readouterr().err == f"a.scenario.yaml: {TOLD[kind]}\n"


def test_a_folder_with_the_ending_of_a_file_is_no_file(tmp_path: Path) -> None:
    """A folder of that name in a folder is found where files are looked for."""
    (tmp_path / "a.scenario.yaml").mkdir()
    with pytest.raises(UnreadableFileError, match="^cannot be read: Is a directory$"):
        read_bounded(tmp_path / "a.scenario.yaml", 100)


@pytest.mark.parametrize(
    ("name", "told"),
    [("a" * 300, "File name too long"), ("a\0b", "embedded null"), ("a/b/c", "No such file")],
)
def test_a_name_that_no_file_can_have_is_refused(
    name: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The name is told, with what the system says of it."""
    assert main(["run", name]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{visible(name)}: cannot be read: ")
    assert told in said  # Python 3.13 says more in front


def test_a_file_that_is_larger_than_it_says_is_refused() -> None:
    """Those of /proc say that they are empty."""
    if not os.path.exists("/proc/self/smaps"):
        pytest.skip("Linux has it")
    with pytest.raises(UnreadableFileError, match="^has 101 bytes; 100 are read at most$"):
        read_bounded(Path("/proc/self/smaps"), 100)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[" * 100_000, "is JSON that is nested too deep to be read"),
        (b"\xff", "is not JSON ('utf-8' codec can't decode byte 0xff in position 0: "),
        (b"{", "is not JSON (Expecting property name enclosed in double quotes"),
        (b"1" * 5000, "is not JSON (Exceeds the limit (4300 digits)"),
    ],
)
def test_json_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, told: str) -> None:
    """Python's own limits included."""
    file = tmp_path / "a.json"
    file.write_bytes(content)
    with pytest.raises(UnreadableFileError) as refused:
        read_json(file)
    assert str(refused.value).startswith(told)


def test_values_are_counted_while_they_are_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What stands behind the last that is taken is not looked at, whatever it is."""
    monkeypatch.chdir(tmp_path)
    Path("a.scenario.yaml").write_text("a:\n" + "- 1\n" * 100_000 + "]no YAML\n")
    assert main(["run", "a.scenario.yaml"]) == 2
    assert capsys.readouterr().err == "a.scenario.yaml:99999: more than 100,000 values\n"


def test_a_long_value_is_quoted_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A refusal stays one that can be read."""
    monkeypatch.chdir(tmp_path)
    Path("a.scenario.yaml").write_text(f"name: a\nscript: {{epochs: {'x' * 100_000}}}\n")
    assert main(["run", "a.scenario.yaml"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("a.scenario.yaml:2: script.epochs: expected a whole number, 0 or more")
    assert len(told) < 4100


def test_pairs_of_surrogates_are_the_character_that_json_writes_so(tmp_path: Path) -> None:
    """A file that a JSON writer made is the same scenario."""
    from dryfit import load_scenarios

    file = tmp_path / "a.scenario.yaml"
    file.write_text(
        r'{"name": "\ud83d\ude00", "script": {"metrics": {"loss": "1 2"}}, '
        r'"expect": {"epochs_run": 2}}'
    )
    assert [scenario.name for scenario in load_scenarios(file)] == ["\U0001f600"]
