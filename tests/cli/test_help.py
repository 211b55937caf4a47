"""What dryfit says of itself: alone, its version, and the help of each command."""

import platform
import shlex
from email.parser import Parser
from importlib import metadata
from pathlib import Path

import keras
import pytest

from dryfit.cli import main, parser
from dryfit.show.version_line import backend

ROOT = Path(__file__).parents[2]
COMMANDS = (
    *("run", "trace", "accept", "replay", "record", "bench", "check", "explore", "mutate"),
    *("together", "sweep", "matrix", "migrate", "schema", "demo"),
)


def test_alone_it_shows_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0, every command, and where to begin."""
    assert main([]) == 0
    told = capsys.readouterr().out
    assert [name for name in COMMANDS if f"\n    {name} " not in told] == []
    assert "\nstart here:\n  dryfit demo " in told


@pytest.mark.parametrize(
    ("links", "told"),
    [
        ("", ""),
        (
            "Project-URL: Documentation, https://a.org/five-minutes.md\n",
            "The docs begin with\nhttps://a.org/five-minutes.md\n",
        ),
    ],
)
def test_it_says_where_the_docs_are_if_the_package_knows(
    links: str, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who installed it has no folder of docs, and a build without an address none to lead to."""
    package = Parser().parsestr(f"Name: dryfit\n{links}\n")
    monkeypatch.setattr(metadata, "metadata", lambda name: package)
    assert main([]) == 0
    page = "\n\ndryfit COMMAND --help has examples, exit statuses and a\npage of the docs.\n"
    assert capsys.readouterr().out.partition("do not hold")[2] == page + told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("run x --lanes fake", "dryfit run: no option '--lanes'; did you mean '--lane'?"),
        ("run x --lanes=fake", "dryfit run: no option '--lanes'; did you mean '--lane'?"),
        ("trace x -q", "dryfit trace: no option '-q'"),
        ("trace a b", "dryfit trace: one too many: 'b'; dryfit trace --help says what goes"),
        (
            "check X --patience 3",
            "dryfit check: no option '--patience'; an argument of the callback goes into its "
            "text: 'X: {patience: 3}'",
        ),
        (
            "bench X --min-delta=.1",
            "dryfit bench: no option '--min-delta'; an argument of the callback goes into its "
            "text: 'X: {min_delta: .1}'",
        ),
        ("--versoin", "dryfit: no option '--versoin'; did you mean '--version'?"),
    ],
)
def test_what_a_command_does_not_take_is_told_in_a_line(
    words: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the option that was meant, or how a callback gets its arguments."""
    assert main(words.split()) == 2
    assert capsys.readouterr() == ("", f"{told}\n")


def test_the_version_names_what_verdicts_depend_on(capsys: pytest.CaptureFixture[str]) -> None:
    """The backend is what Keras itself says, once it is imported."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == (
        f"dryfit {metadata.version('dryfit')}, Keras {metadata.version('keras')} on "
        f"{keras.backend.backend()}, Python {platform.python_version()}\n"
    )


@pytest.mark.parametrize(
    ("variable", "kept", "name"),
    [
        ("jax", '{"backend": "torch"}', "jax"),
        ("", '{"backend": "torch"}', "torch"),
        ("", "{}", "tensorflow"),
        ("", "no JSON", "tensorflow"),
        ("", "[]", "tensorflow"),
    ],
)
def test_the_backend_is_the_variable_s_then_the_file_s(
    variable: str, kept: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As keras/src/backend/config.py has it."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_BACKEND", variable)
    Path(tmp_path, "keras.json").write_text(kept)
    assert backend() == name


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_a_sentence_examples_statuses_and_a_page(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The examples are command lines that it takes, the page is there, the sentence fits."""
    monkeypatch.setenv("COLUMNS", "60")
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    sentence = told.split("\n\n")[1]  # argparse keeps groups of the usage before it together
    assert max(map(len, sentence.splitlines())) <= 60
    assert max(map(len, told.splitlines())) <= 60
    shown = told.partition("\nexamples:\n")[2].partition("\n\n")[0]
    examples = shown.replace("\\\n", "").splitlines()
    assert len(examples) == 2
    for example in examples:
        words = shlex.split(example.partition(" | ")[0].partition(" > ")[0])
        assert words[:2] == ["dryfit", name]
        assert parser().parse_args(words[1:]).name == name
    assert "\nexit status:\n  0 " in told
    assert (ROOT / told.rpartition("more: ")[2].strip()).is_file()
