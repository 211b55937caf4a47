"""What Hypothesis keeps is not left in the folder of whoever explores."""

import subprocess
import sys
from pathlib import Path

from hypothesis import configuration

from dryfit.lanes.storage_aside import storage_aside

# In a process of its own: Hypothesis keeps nothing of modules that it has read before.
CODE = """\
from dryfit.tools.explore.exploring import explore
from keras.callbacks import EarlyStopping

explore(EarlyStopping, examples=3)
"""


def test_no_folder_is_left(tmp_path: Path) -> None:
    """Nothing is in the working directory behind a search."""
    subprocess.run([sys.executable, "-c", CODE], cwd=tmp_path, check=True, capture_output=True)
    assert list(tmp_path.iterdir()) == []


def test_the_users_own_folder_is_put_back() -> None:
    """Hypothesis' folder is another one within, and what it was behind it."""
    before = configuration.storage_directory(intent_to_write=False).home_directory
    with storage_aside():
        within = configuration.storage_directory(intent_to_write=False).home_directory
    assert within != before
    assert configuration.storage_directory(intent_to_write=False).home_directory == before
