"""The tutorial that this project starts from, its code as it stands, on Keras 2 and on Keras 3.

The download and the lines about a GPU are replaced, and nothing else. Some of it fails, for the
reasons that stand here.
"""

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[3] / "shared" / "SEED.md"
BLOCK = re.compile(r"(?ms)^(~~~|```)py(?:thon)?\n(.*?)^\1$")
GPU = re.compile(r"(?m)^gpus = .*?\n\)\n", re.S)
DOWNLOAD = "tf.keras.datasets.fashion_mnist.load_data()"
IMAGES = "((np.zeros((2048, 28, 28)), np.zeros(2048)), (np.ones((512, 28, 28)), np.ones(512)))"

# Runs each block in one namespace, and says which failed.
RUN = """
import json, sys, traceback
import matplotlib
matplotlib.use("Agg")
names, failed = {}, {}
for number, block in enumerate(json.load(open(sys.argv[1])), 1):
    try:
        exec(block, names)
    except Exception as error:
        failed[number] = f"{type(error).__name__}: {error}"
json.dump(failed, open(sys.argv[2], "w"))
"""


def blocks() -> list[str]:
    text = TUTORIAL.read_text(encoding="utf-8")
    code = [GPU.sub("", block) for _, block in BLOCK.findall(text)]
    return [block.replace(DOWNLOAD, IMAGES) if not block.startswith("!") else "" for block in code]


def failures(tmp_path: Path, legacy: str) -> dict[int, str]:
    """The errors of the blocks that fail, by their numbers."""
    source, result = tmp_path / "blocks.json", tmp_path / "failed.json"
    source.write_text(json.dumps(blocks()))
    environment = os.environ | {"TF_USE_LEGACY_KERAS": legacy, "KERAS_BACKEND": "tensorflow"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN, str(source), str(result)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(result.read_text())
    return {int(number): " ".join(error.split()) for number, error in told.items()}


EARLY = {4: "`np.Inf` was removed in the NumPy 2.0 release", 5: "name 'history' is not defined"}
NAMES = {9: "must end in `.weights.h5`", 10: "list index out of range"}


@pytest.mark.parity
@pytest.mark.skipif(not TUTORIAL.is_file(), reason="the tutorial's text is not at hand")
@pytest.mark.parametrize(
    ("legacy", "expected"),
    [
        pytest.param(
            "1",
            EARLY,
            marks=pytest.mark.skipif(
                find_spec("tf_keras") is None,
                reason="tf_keras is not installed: pip install 'dryfit[legacy]'",
            ),
        ),
        ("0", EARLY | NAMES),
    ],
    ids=["keras 2", "keras 3"],
)
def test_what_of_the_tutorial_runs(legacy: str, expected: dict[int, str], tmp_path: Path) -> None:
    """Numpy 2 has no np.Inf, on either; Keras 3 takes no other name for weights."""
    assert len(blocks()) == 13
    found = failures(tmp_path, legacy)
    assert sorted(found) == sorted(expected)
    assert [n for n, part in expected.items() if part not in found[n]] == []
