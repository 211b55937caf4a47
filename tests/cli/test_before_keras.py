"""What is wrong with a command is told before Keras is imported, and without it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TEXT = "name: stops\nscript: {metrics: {loss: 1x2}}\nexpect: {epochs_run: 2}\n"
WRONG = {
    "run a.scenario.yaml::stops-late": "no scenario 'stops-late'; did you mean 'stops'?",
    "run a.scenario.yaml -k and": "-k 'and': is no expression: ",
    "run a.scenario.yaml -k late": "-k 'late': no scenario meets it. There are stops",
    "run a.scenario.yaml --report no/a.html": "there is no folder no; make it first",
    "trace a.scenario.yaml --plot out.jpg": "one of the endings .png, .svg, .pdf",
    "accept a.scenario.yaml --only stoped": "unknown stoped; known are ",
    "accept a.scenario.yaml::x": "no scenario 'x'. There are stops",
    "replay a.scenario.yaml::x --with EarlyStopping": "no scenario 'x'. There are stops",
    "rnu a.scenario.yaml": "dryfit: no command 'rnu'; did you mean 'run'? There are run, ",
    "CI accept gone.scenario.yaml": "which CI only checks; run it by hand",
}
# In one process, in which no module imports Keras: what each command says, and its status.
TRIED = """
import io, json, os, sys
from contextlib import redirect_stderr
sys.modules["keras"] = None
from dryfit.cli import main
os.environ.pop("CI", None)
said = {}
for line in json.loads(sys.argv[1]):
    words = line.split()
    if words[0] == "CI":
        os.environ["CI"] = words.pop(0)
    with redirect_stderr(io.StringIO()) as err:
        status = main(words)
    said[line] = status, err.getvalue()
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    folder = tmp_path_factory.mktemp("wrong")
    Path(folder, "a.scenario.yaml").write_text(TEXT)
    command = [sys.executable, "-c", TRIED, json.dumps(list(WRONG))]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    found: dict[str, tuple[int, str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("line", WRONG)
def test_a_mistake_is_told_without_keras(line: str, said: dict[str, tuple[int, str]]) -> None:
    """Status 2, and a line that says what there is."""
    status, told = said[line]
    assert (status, told.count("\n")) == (2, 1)
    assert WRONG[line] in told


LIGHT = """
import contextlib, io, json, sys
from dryfit.cli import main
loaded = {}
for line in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        with contextlib.suppress(SystemExit):
            main(line.split())
    loaded[line] = [name for name in json.loads(sys.argv[2]) if name in sys.modules]
print(json.dumps(loaded))
"""


def test_what_needs_little_loads_little(tmp_path: Path) -> None:
    """A person waits for what is imported, and most of what we have is not for these."""
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "a.csv").write_text("epoch,loss,learning_rate\n0,2,1e-5\n1,.125,1e-5\n")
    lines = ["--help", "matrix --help", "bench --compare a.json", "schema"]
    lines += ["record --from a.csv", "--version"]
    heavy = "keras numpy h5py rich joblib jinja2 pytest matplotlib pydantic".split()
    command = [sys.executable, "-c", LIGHT, json.dumps(lines), json.dumps(heavy)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout)
    assert loaded == {line: [] for line in lines}
    assert (tmp_path / "a.scenario.yaml").exists()
