"""What a file of a stranger may do: nothing but numbers, where `--no-import` is said."""

import sys
from pathlib import Path
from typing import Any

import pytest

from dryfit import Trust, load_scenarios
from dryfit.cli import main
from dryfit.scenario import construct, playing
from dryfit.scenario.by_name import load_all
from dryfit.scenario.construct import import_name
from dryfit.scenario.imported import imported
from dryfit.scenario.own_modules import importable
from dryfit.scenario.problems import ScenarioFileError

SCRIPT = "script: {metrics: {loss: 1 1}}"
HARMLESS = f"name: a\n{SCRIPT}\ncallbacks: [TerminateOnNaN]\nexpect: {{epochs_run: 2}}\n"
WHY = (
    " would be imported, which runs its module; with --no-import (pytest: --dryfit-no-import) only "
    "callbacks of Keras and of dryfit are played, by name, with plain values"
)
# Each place of a file that stands for something of a module; the line and the key in it.
IMPORTS = {
    "a class": ("callbacks: [theirs:Thing]", 3, "callbacks[0]", "theirs:Thing"),
    "a class of Keras by its module": (
        "callbacks: [keras.callbacks:TerminateOnNaN]",
        3,
        "callbacks[0]",
        "keras.callbacks:TerminateOnNaN",
    ),
    "an argument": (
        'callbacks: [LambdaCallback: {on_train_begin: {import: "os:abort"}}]',
        3,
        "callbacks[0].LambdaCallback.on_train_begin",
        "os:abort",
    ),
    "what an argument calls": (
        'callbacks: [WriteLogs: {metrics: {call: "theirs:thing"}}]',
        3,
        "callbacks[0].WriteLogs.metrics",
        "theirs:thing",
    ),
    "deep in an argument": (
        'callbacks: [WriteLogs: {metrics: {a: [1, {b: {import: "theirs:thing"}}]}}]',
        3,
        "callbacks[0].WriteLogs.metrics.a[1].b",
        "theirs:thing",
    ),
}
IN_A_SCRIPT = {
    "a rate": ('learning_rate: {import: "theirs:thing"}', "learning_rate"),
    "one of several rates": (
        'optimizers: {a: {import: "theirs:thing"}, b: .1}',
        "optimizers.a",
    ),
    "what predicts": ('predict: {import: "theirs:thing"}', "predict"),
    "what evaluates": ('evaluate: {import: "theirs:thing"}', "evaluate"),
    "what interrupts": ('interrupt: {epoch: 1, raises: "theirs:thing"}', "interrupt.raises"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody's folder, with a module that tells when it is executed."""
    monkeypatch.delenv("CI", raising=False)
    (tmp_path / "theirs.py").write_text("import pathlib\npathlib.Path(__file__ + '.ran').touch()\n")
    return tmp_path


def refused(file: Path) -> str:
    with pytest.raises(ScenarioFileError) as error:
        load_scenarios(file, trust=Trust(imports=False))
    return str(error.value)


@pytest.mark.parametrize("place", IMPORTS.values(), ids=IMPORTS)
def test_a_callback_that_names_a_module_is_refused(
    folder: Path, place: tuple[str, int, str, str]
) -> None:
    """When the file is read, with the line, the key and the name."""
    written, line, key, name = place
    file = folder / "a.scenario.yaml"
    file.write_text(f"name: a\n{SCRIPT}\n{written}\nexpect: {{epochs_run: 2}}\n")
    assert refused(file) == f"{file}:{line}: {key}: {name!r}{WHY}"


@pytest.mark.parametrize("place", IN_A_SCRIPT.values(), ids=IN_A_SCRIPT)
@pytest.mark.parametrize("in_calls", [False, True])
def test_a_script_that_names_a_module_is_refused(
    folder: Path, place: tuple[str, str], in_calls: bool
) -> None:
    """Of a scenario, and of one of its calls."""
    written, key = place
    script = f"script: {{metrics: {{loss: 1 1}}, {written}}}"
    whole = f"name: a\n{script}\nexpect: {{epochs_run: 2}}\n"
    calls = f"name: a\ncalls:\n  - {{call: fit, {script}, expect: {{epochs_run: 2}}}}\n"
    file = folder / "a.scenario.yaml"
    file.write_text(calls if in_calls else whole)
    at = "3: calls[0].script" if in_calls else "2: script"
    assert refused(file) == f"{file}:{at}.{key}: 'theirs:thing'{WHY}"


def test_a_loop_of_its_own_is_refused(folder: Path) -> None:
    """It is a function of a module."""
    file = folder / "a.scenario.yaml"
    file.write_text(f"name: a\nloop: theirs:train\n{SCRIPT}\nexpect: {{epochs_run: 2}}\n")
    assert refused(file) == f"{file}:2: loop: 'theirs:train'{WHY}"


def test_variants_are_refused_where_they_are_written(folder: Path) -> None:
    """Each once, on its own line, and what they share once."""
    file = folder / "a.scenario.yaml"
    file.write_text(
        'name: a\nscript: {metrics: {loss: 1x1}, predict: {import: "theirs:thing"}}\n'
        "expect: {epochs_run: 1}\nvariants:\n  one: {callbacks: [theirs:One]}\n"
        "  two: {callbacks: [theirs:Two]}\n"
    )
    assert refused(file).splitlines() == [
        f"{file}:2: script.predict: 'theirs:thing'{WHY}",
        f"{file}:5: variants.one.callbacks[0]: 'theirs:One'{WHY}",
        f"{file}:6: variants.two.callbacks[0]: 'theirs:Two'{WHY}",
    ]


def test_every_name_that_is_imported_is_known_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """In all scenarios of this project: what is refused is what would be imported."""
    asked: set[str] = set()

    def noted(text: str) -> Any:
        asked.add(text)
        return import_name(text)

    for module in (construct, playing):
        monkeypatch.setattr(module, "import_name", noted)
    told = {}
    for scenario in load_all([Path(__file__).parents[2] / "scenarios"]):
        asked.clear()
        with importable(scenario.file.parent):
            for _ in construct.make_callbacks(scenario.callbacks, Path()):
                pass
            for call in scenario.calls:
                playing._loop(scenario, call)
                if call.keys is not None:
                    playing.script_of(scenario, call.keys, Path())
        told[f"{scenario.file}::{scenario.slug}"] = set(asked)
        assert {name for _, name in imported(scenario)} == asked, scenario.slug
    assert sum(map(bool, told.values())) >= 20


def test_numbers_and_names_of_keras_are_played(folder: Path) -> None:
    """Nothing else changes."""
    (folder / "a.scenario.yaml").write_text(HARMLESS)
    assert main(["run", "--no-import", str(folder)]) == 0


COMMANDS = {
    "run": ["run"],
    "trace": ["trace"],
    "trace --standalone": ["trace", "--standalone"],
    "accept": ["accept"],
    "bench": ["bench"],
    "replay": ["replay", "--with", "TerminateOnNaN"],
    "together": ["together"],
    "matrix": ["matrix", "--keras", "3.9"],
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_every_command_that_plays_files_can_be_told(
    folder: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The same refusal, status 2, and the module was not executed."""
    file = folder / "a.scenario.yaml"
    file.write_text(HARMLESS.replace("TerminateOnNaN", "theirs:Thing"))
    command, *options = words
    assert main([command, str(file), *options, "--no-import"]) == 2
    assert capsys.readouterr().err == f"{file}:3: callbacks[0]: 'theirs:Thing'{WHY}\n"
    assert not (folder / "theirs.py.ran").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["sweep", "--with"],
        ["replay", "--with"],
        ["bench"],
        ["together"],
    ],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize(
    ("item", "name"),
    [
        ("theirs:Thing", "theirs:Thing"),
        ("LearningRateScheduler: {schedule: {import: 'theirs:thing'}}", "theirs:thing"),
    ],
    ids=["a class", "an argument"],
)
def test_what_is_named_beside_files_is_not_imported_either(
    folder: Path, words: list[str], item: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One word for all that is played: also where the name is on the command line."""
    file = folder / "a.scenario.yaml"
    file.write_text(HARMLESS)
    command, *option = words
    assert main([command, str(file), *option, item, "--no-import"]) == 2
    assert capsys.readouterr().err == f"dryfit {command}: CALLBACK: {name!r}{WHY}\n"
    assert not (folder / "theirs.py.ran").exists()


def test_pytest_can_be_told(folder: Path, pytester: pytest.Pytester) -> None:
    """The file is not collected."""
    file = folder / "a.scenario.yaml"
    file.write_text(HARMLESS.replace("TerminateOnNaN", "theirs:Thing"))
    told = pytester.runpytest("--dryfit-no-import", str(file))
    told.assert_outcomes(errors=1)
    told.stdout.fnmatch_lines([f"*{file}:3: callbacks[[]0]: 'theirs:Thing' would be imported*"])
    assert not (folder / "theirs.py.ran").exists()


@pytest.mark.parametrize("option", [[], ["--no-import"]], ids=["usual", "no import"])
def test_a_module_beside_a_file_of_numbers_is_no_librarys(
    folder: Path, option: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """OrbaxCheckpoint looks for a library, which whoever wrote the file may put beside it.

    A callback of the project's own looks in its place.
    """
    (folder / "theirs.py").rename(folder / "orbax_stands_in.py")

    def looks(*_: object, **__: object) -> None:
        with pytest.raises(ModuleNotFoundError):
            import orbax_stands_in  # noqa: F401

    monkeypatch.setattr("keras.callbacks.TerminateOnNaN.on_train_begin", looks, raising=False)
    (folder / "a.scenario.yaml").write_text(HARMLESS)
    assert main(["run", *option, str(folder)]) == 0
    assert not (folder / "orbax_stands_in.py.ran").exists()


def test_what_a_scenario_writes_is_no_module(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log named as a module of Python's, in the folder of a process that begins in it.

    Python puts the working directory first, in `-c`, in a notebook, and for `-m`.
    """
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    header = "raise SystemExit(3)  #"
    (folder / "a.scenario.yaml").write_text(
        f"name: a\ncallbacks: [CSVLogger: {{filename: json.py}}]\ncalls:\n"
        f"  - {{call: fit, script: {{metrics: {{'{header}': 1x2}}}}, expect: {{epochs_run: 2}}}}\n"
        "  - {call: fit, callbacks: fresh, model: fresh,\n"
        "     script: {metrics: {loss: 1x2}, interrupt: {epoch: 1, raises: kill}},\n"
        "     expect: {files: [json.py]}}\n"
    )
    assert main(["run", str(folder)]) == 0, capsys.readouterr()
    assert sys.path[0] == ""
