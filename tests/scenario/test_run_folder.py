"""What a scenario of Keras' names and numbers writes and deletes stays in its run's folder."""

from pathlib import Path

import keras
import pytest

from dryfit import load_scenarios
from dryfit.cli import main
from dryfit.judge.verdict import judge
from dryfit.scenario.run_folder import OutsideError, check_arguments, leads_out, to_be_read


@pytest.mark.parametrize(
    "path",
    [
        "a.keras",
        "sub/../a.csv",
        "{epoch:02d}-{val_loss:.2f}.weights.h5",
        "{epoch}-{train/loss:.1f}.weights.h5",
        "..a/b",
        "{run_dir}",
        ".",
    ],
)
def test_a_path_inside_is_let_be(tmp_path: Path, path: str) -> None:
    """Relative, by way of the folder's own name, and with Keras' fields."""
    assert leads_out(path.replace("{run_dir}", f"{tmp_path}/x"), tmp_path) == ""


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/any/folder", "it leads to /any/folder, outside"),
        ("../x", "it leads to {parent}/x, outside"),
        ("a/../../x", "it leads to {parent}/x, outside"),
        ("link/x", "it leads to {parent}/elsewhere/x, outside"),
        ("{run_dir}x/y", "it leads to {run_dir}x/y, outside"),
        ("{epoch:/>9}.keras", "the format {{epoch:/>9}} can make a path of its own"),
        ("{epoch:.>2}/a.keras", "the format {{epoch:.>2}} can make a path of its own"),
        (
            "{epoch:{val_loss}}.keras",
            "the format {{epoch:{{val_loss}}}} can make a path of its own",
        ),
        # As deep as it is written, {a/b/c} would go up again what it is not deep at all.
        ("{a/b/c}/../../x", "it leads to {parent}/x, outside"),
        # At epoch 46 a dot, at epoch 47 a slash.
        ("{epoch:c}{epoch:c}/x", "the format {{epoch:c}} can make a path of its own"),
        # Nothing at all between two dots.
        (
            ".{epoch!s:.0}./x",
            "{{epoch!s:.0}} can make a path of its own; a field is a name, such as {{epoch:02d}}",
        ),
        (
            "{epoch.__doc__}/x",
            "{{epoch.__doc__}} can make a path of its own; a field is a name, such as "
            "{{epoch:02d}}",
        ),
        (
            "{loss[0]}/x",
            "{{loss[0]}} can make a path of its own; a field is a name, such as {{epoch:02d}}",
        ),
    ],
)
def test_a_path_that_leads_out_says_where(tmp_path: Path, path: str, why: str) -> None:
    """Absolute, by two dots, by a link, a neighbour with the same beginning, or by a format."""
    run_dir, elsewhere = tmp_path / "run", tmp_path / "elsewhere"
    run_dir.mkdir()
    elsewhere.mkdir()
    (run_dir / "link").symlink_to(elsewhere)
    told = leads_out(path.replace("{run_dir}", str(run_dir)), run_dir)
    assert told == why.format(parent=tmp_path.resolve(), run_dir=run_dir.resolve())


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("ModelCheckpoint", "filepath"),
        ("CSVLogger", "filename"),
        ("BackupAndRestore", "backup_dir"),
        ("TensorBoard", "log_dir"),
        ("OrbaxCheckpoint", "directory"),
    ],
)
def test_every_path_of_keras_callbacks_is_looked_at(
    tmp_path: Path, name: str, argument: str
) -> None:
    """The whole message, with what to write in place of it."""
    kind = getattr(keras.callbacks, name, None)
    if kind is None:
        pytest.skip(f"this Keras has no {name}")
    with pytest.raises(OutsideError) as refused:
        check_arguments(kind, {argument: "/any/x"}, tmp_path)
    assert str(refused.value) == (
        f"{kind.__name__}({argument}='/any/x'): it leads to /any/x, outside; a scenario writes "
        "and deletes in its run's folder alone. Write a relative path, or '{run_dir}/...'; a file "
        "that you trust may do otherwise with --allow-outside (pytest: --dryfit-allow-outside)"
    )


def test_no_path_of_keras_callbacks_is_forgotten() -> None:
    """An argument that Keras calls a path, a file or a folder is among those looked at."""
    import inspect

    from dryfit.scenario.run_folder import PATHS

    words = ("path", "file", "dir")
    found = {
        name
        for kind in vars(keras.callbacks).values()
        if isinstance(kind, type)
        for name in inspect.signature(kind).parameters
        if any(word in name for word in words)
    }
    # RemoteMonitor's path is a URL's, and profile_batch has "file" in it alone.
    assert found - {"path", "profile_batch"} <= set(PATHS)


NUMBERS = [0, 1, -1, 45, 46, 47, 10**9, 0.0, -0.0, 1.5, -2.5e-12, 1e300, float("nan")]
FORMS = [*"bdeEfFgGnoxX%", "", "02d", "+.3f", " g", ">9", "<3d", "=5", "#x", ",", "_d", ".0e"]


@pytest.mark.parametrize("form", FORMS)
def test_a_field_is_one_part_of_a_path_whatever_its_number_is(tmp_path: Path, form: str) -> None:
    """What is let be stays inside once it is formatted, also between dots and behind two."""
    for path in ("..{x:F}/a", ".{x:F}./a", "{x:F}/../a", "a/{x:F}", "{x:F}"):
        written = path.replace(":F", f":{form}" if form else "")
        assert leads_out(written, tmp_path) == ""
        for number in [*NUMBERS, float("inf"), -float("inf")]:
            try:
                formatted = written.format(x=number)
            except ValueError:
                continue  # not of this number
            assert (tmp_path / formatted).resolve().is_relative_to(tmp_path)


def test_nothing_is_sent(tmp_path: Path) -> None:
    """A server is outside of the run's folder."""
    with pytest.raises(OutsideError) as refused:
        check_arguments(keras.callbacks.RemoteMonitor, {}, tmp_path)
    assert str(refused.value) == (
        "RemoteMonitor sends what it is told to a server; a scenario reaches nothing outside of "
        "its run's folder. Leave it out; a file that you trust may do otherwise with "
        "--allow-outside (pytest: --dryfit-allow-outside)"
    )


def test_weights_are_read_of_the_run_and_beside_the_file(tmp_path: Path) -> None:
    """First of the run's folder; what is in neither is refused, also by a link."""
    run_dir, beside = tmp_path / "run", tmp_path / "beside"
    for folder in (run_dir, beside / "deep"):
        folder.mkdir(parents=True)
    for file in (run_dir / "a.h5", beside / "a.h5", beside / "deep" / "b.h5", tmp_path / "c.h5"):
        file.touch()
    (beside / "link.h5").symlink_to(tmp_path / "c.h5")
    deep = str(beside / "deep" / "b.h5")
    assert to_be_read("a.h5", run_dir, beside) == "a.h5"
    assert to_be_read("deep/b.h5", run_dir, beside) == deep
    assert to_be_read(deep, run_dir, beside) == deep
    assert to_be_read("none.h5", run_dir, beside) == "none.h5"
    for path in ("../c.h5", str(tmp_path / "c.h5"), str(beside / "link.h5")):
        with pytest.raises(OutsideError) as refused:
            to_be_read(path, run_dir, beside)
        assert str(refused.value) == (
            f"load: {path}: it leads to {tmp_path / 'c.h5'}, outside; a scenario reads weights of "
            "its run's folder, and those below the folder of its file; a file that you trust may "
            "do otherwise with --allow-outside (pytest: --dryfit-allow-outside)"
        )


def test_a_projects_own_class_is_trusted(tmp_path: Path) -> None:
    """To run it is to trust it, whatever its arguments are called."""

    class Mine(keras.callbacks.Callback):
        pass

    check_arguments(Mine, {"filepath": "/any/x"}, tmp_path)


DELETES = """
name: deletes a folder
script: {{metrics: {{loss: 1 1}}}}
callbacks:
  - BackupAndRestore: {{backup_dir: {folder}}}
  - TerminateOnNaN
expect: {{epochs_run: 2}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Somebody's folder with a file in it, and a scenario that deletes it."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "thesis.txt").write_text("two years")
    (tmp_path / "a.scenario.yaml").write_text(DELETES.format(folder=folder))
    return folder


def test_a_scenario_cannot_delete_a_folder(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is bad input, with the line and what to write, and the folder stays."""
    assert main(["run", str(folder.parent / "a.scenario.yaml")]) == 2
    assert f"callbacks[0]: BackupAndRestore(backup_dir='{folder}')" in capsys.readouterr().err
    assert (folder / "thesis.txt").read_text() == "two years"


def test_a_file_that_is_trusted_may(folder: Path) -> None:
    """Where somebody says so."""
    assert main(["run", "--allow-outside", str(folder.parent / "a.scenario.yaml")]) == 0
    assert not folder.exists()


FILE_FIRST = {
    "run": [],
    "trace": [],
    "accept": [],
    "replay": ["--with", "TerminateOnNaN"],
    "together": ["--curves", "1"],
    "bench": ["--batches", "10"],
}


def typed(command: str, folder: Path) -> list[str]:
    """A command that plays the callback: of a file, of a pack, or by itself."""
    file = str(folder.parent / "a.scenario.yaml")
    if command == "mutate":
        return [command, "BackupAndRestore", file, "--most", "1"]
    if command == "check":
        return [command, f"BackupAndRestore: {{backup_dir: {folder}}}"]
    return [command, file, *FILE_FIRST[command]]


@pytest.mark.parametrize("command", [*FILE_FIRST, "mutate", "check"])
def test_every_command_that_plays_asks_for_trust(
    folder: Path,
    command: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the option that it names, the folder stays, and the status is that of bad input."""
    monkeypatch.delenv("CI", raising=False)
    words = typed(command, folder)
    assert main(words) == 2
    assert (
        f"BackupAndRestore(backup_dir='{folder}'): it leads to {folder}, outside; a scenario "
        "writes and deletes in its run's folder alone. Write a relative path, or '{run_dir}/...'; "
        "a file that you trust may do otherwise with --allow-outside (pytest: "
        "--dryfit-allow-outside)"
    ) in capsys.readouterr().err
    assert (folder / "thesis.txt").exists()
    main([*words, "--allow-outside"])
    assert not folder.exists()


def test_weights_of_elsewhere_are_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line of the key is said; beside the file they are read."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    saved = "{filepath: '" + str(tmp_path) + "/a.weights.h5', save_weights_only: true}"
    (folder / "save.scenario.yaml").write_text(
        f"name: a\nscript: {{metrics: {{loss: 1 1}}}}\ncallbacks: [ModelCheckpoint: {saved}]\n"
        "expect: {epochs_run: 2}\n"
    )
    assert main(["run", "--allow-outside", str(folder)]) == 0
    loads = folder / "load.scenario.yaml"
    loads.write_text(
        "name: a\ncalls:\n  - call: fit\n    script: {metrics: {loss: 1x1}}\n"
        f"    model: {{load: {tmp_path}/a.weights.h5}}\n"
        "    expect: {weights: {epoch: 0, trained_batches: 3}}\n"
    )
    assert main(["run", str(loads)]) == 2
    assert f"{loads}:5: calls[0].model.load: load: {tmp_path}/a.weights.h5: it leads to" in (
        capsys.readouterr().err
    )
    assert main(["run", "--allow-outside", str(loads)]) == 0
    (tmp_path / "a.weights.h5").rename(folder / "a.weights.h5")
    loads.write_text(loads.read_text().replace(f"{tmp_path}/", ""))
    assert main(["run", str(loads)]) == 0


@pytest.mark.parametrize("files", ["[/etc/passwd]", "[a, ../b]", "{../b: x}"])
def test_nobody_looks_for_files_elsewhere(
    tmp_path: Path, files: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An expectation of such a file could never hold."""
    file = tmp_path / "a.scenario.yaml"
    file.write_text(f"name: a\nscript: {{metrics: {{loss: 1 1}}}}\nexpect: {{files: {files}}}\n")
    assert main(["run", str(file)]) == 2
    path = "/etc/passwd" if "etc" in files else "../b"
    assert capsys.readouterr().err == (
        f"{file}:3: expect.files: {path}: is not in the run's folder; paths are relative to it\n"
    )


def test_a_line_of_python_is_not_written_where_python_reads_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A CSVLogger's header in a ``.pth`` file would be executed at Python's next start."""
    site = tmp_path / "site"
    site.mkdir()
    (tmp_path / "a.scenario.yaml").write_text(
        'name: a\nscript: {metrics: {loss: 1 1, "import os; os.x": 1}}\n'
        f"callbacks: [CSVLogger: {{filename: {site}/x.pth}}]\nexpect: {{epochs_run: 2}}\n"
    )
    assert main(["run", str(tmp_path)]) == 2
    assert "outside; a scenario writes and deletes" in capsys.readouterr().err
    assert list(site.iterdir()) == []


def test_pytest_asks_for_the_same_trust(folder: Path, pytester: pytest.Pytester) -> None:
    """With an option of its own."""
    file = str(folder.parent / "a.scenario.yaml")
    pytester.runpytest(file).assert_outcomes(failed=1)
    assert folder.exists()
    pytester.runpytest("--dryfit-allow-outside", file).assert_outcomes(passed=1)
    assert not folder.exists()


def test_another_rank_finds_what_rank_0_alone_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the call before; without it, it would stop alone."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "looks_for_log.py").write_text(
        "import os, keras\n"
        "class StopsWithout(keras.callbacks.Callback):\n"
        "    trainings = 0\n"
        "    def on_train_begin(self, logs=None):\n"
        "        self.trainings += 1\n"
        "    def on_epoch_end(self, epoch, logs=None):\n"
        "        self.model.stop_training = self.trainings == 2 and not os.path.exists('log.csv')\n"
    )
    keys = "script: {ranks: 2, metrics: {loss: 1x2}}, expect: {ranks: [stop_together]}"
    call = f"  - {{call: fit, {keys}}}\n"
    (tmp_path / "a.scenario.yaml").write_text(
        f"name: a log that is there\ncalls:\n{call}{call}"
        "callbacks: [[CSVLogger: {filename: log.csv}], ['looks_for_log:StopsWithout']]\n"
    )
    (scenario,) = load_scenarios(tmp_path / "a.scenario.yaml")
    verdict = judge(scenario, "fake")
    assert verdict.holds, verdict.reason
