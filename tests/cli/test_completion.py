"""Shells complete commands, options and files."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dryfit.cli import main


def test_without_shtab_it_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, and bad input's status."""
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "shtab" else find(name)
    )
    assert main(["--print-completion", "bash"]) == 2
    assert capsys.readouterr().err == (
        'dryfit --print-completion: completion is made by shtab: pip install "dryfit[completion]"\n'
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_it_knows_commands_and_options(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of every command; and the shell, where it is there, can read it."""
    pytest.importorskip("shtab")
    assert main(["--print-completion", shell]) == 0
    script = capsys.readouterr().out
    for word in ("sweep", "trace", "lose-at-most", "junitxml"):
        assert word in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_bash_completes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A command by its first letters, and an option of it."""
    pytest.importorskip("shtab")
    if shutil.which("bash") is None or sys.platform == "win32":
        pytest.skip("no bash")
    main(["--print-completion", "bash"])
    script = tmp_path / "completion.bash"
    script.write_text(capsys.readouterr().out, encoding="utf-8")
    for words, expected in ((["sw"], "sweep"), (["run", "--junit"], "--junitxml")):
        line = " ".join(f'"{word}"' for word in ("dryfit", *words))
        code = (
            f"source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words)}; "
            "$(complete -p dryfit | sed 's/.*-F \\([^ ]*\\).*/\\1/') dryfit; "
            'printf "%s\\n" "${COMPREPLY[@]}"'
        )
        done = subprocess.run(["bash", "-c", code], text=True, capture_output=True, check=True)
        assert expected in done.stdout.split()
