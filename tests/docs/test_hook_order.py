"""docs/hook-order.md says what the installed Keras does."""

import re

import keras
import pytest
from hook_order import BEGIN, END, PAGE, sections
from packaging.version import Version


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.parametrize("lane", ["fake", "real"])
def test_the_page_is_up_to_date(lane: str) -> None:
    """Every hook, argument and key; `python tests/docs/hook_order.py --write` mends it."""
    page = PAGE.read_text(encoding="utf-8")
    found = re.search(f"{BEGIN}Played with keras (.*?)\\.\n\n(.*?){END}", page, re.S)
    assert found is not None
    version, written = found.groups()
    if Version(keras.__version__) < Version(version):
        pytest.skip(f"the page is of keras {version}, which is newer than {keras.__version__}")
    if keras.backend.backend() == "torch":
        pytest.skip("Keras has no steps_per_execution on torch")
    assert sections(lane) == written
