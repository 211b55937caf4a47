"""What README says is what happens, and so are the docs' Python examples."""

import re
from pathlib import Path

import keras  # noqa: F401  # loaded for good: pytester unloads what its tests load
import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [README, *(page.read_text() for page in sorted((ROOT / "docs").glob("*.md")))]
BLOCKS = re.findall(r"```python\n(.*?)```", "".join(PAGES), re.S)
# Those with the name of a file belong together: tests/docs/test_docs.py.
PYTHON = [block for block in BLOCKS if "def test_" in block and not block.startswith("# ")]
OUTPUT = re.findall(r"```text\n(.*?)```", README, re.S)


def test_the_examples_pass_as_they_stand(pytester: pytest.Pytester) -> None:
    """Every Python block with a test is a test file of its own."""
    # However busy the machine is: how a cost is told from other work has tests of its own.
    pytester.makeconftest(
        "from dryfit.tools.bench import stopwatch\nstopwatch._switches = lambda: (0, 0)"
    )
    for number, block in enumerate(PYTHON):
        (pytester.path / f"test_block_{number}.py").write_text(block)
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=len(PYTHON))


def test_the_failing_test_prints_what_is_shown(pytester: pytest.Pytester) -> None:
    """The first screen's output, line by line: 3 changed to 4."""
    (pytester.path / "test_first.py").write_text(PYTHON[0].replace("== 3", "== 4"))
    result = pytester.runpytest("-p", "no:cacheprovider")
    printed = [line.rstrip() for line in result.outlines]
    for line in OUTPUT[0].splitlines():
        if line.startswith("---"):
            assert any("- dryfit: epoch table of run 0 -" in shown for shown in printed)
        else:
            assert line.rstrip() in printed
