"""Every YAML block in the docs is played, in both lanes."""

import re
from pathlib import Path

import pytest

from dryfit import load_scenarios
from dryfit.cli import main
from dryfit.scenario.schema import Expect, ScriptKeys
from dryfit.verdict import judge

ROOT = Path(__file__).parent.parent
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = [
    (page, number, block)
    for page in DOCS
    for number, block in enumerate(
        re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.S | re.M)
    )
]


@pytest.mark.parametrize("lane", ["fake", "real"])
@pytest.mark.parametrize(
    "block", [pytest.param(block, id=f"{page.stem}-{n}") for page, n, block in BLOCKS]
)
def test_a_block_holds(block: str, lane: str, tmp_path: Path) -> None:
    """As it stands on the page."""
    file = tmp_path / "block.scenario.yaml"
    file.write_text(block, encoding="utf-8")
    for scenario in load_scenarios(file):
        verdict = judge(scenario, lane)
        assert verdict.holds, verdict.failures
        assert verdict.checks > 0


def test_every_key_has_an_example() -> None:
    """No key of `expect` or `script` is left without one but the two that need a module."""
    text = "\n".join(block for _, _, block in BLOCKS)
    keys = {*Expect.model_fields, *ScriptKeys.model_fields} - {"accepted", "predict", "evaluate"}
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}:", text)] == []


def test_the_first_scenario_prints_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As typed it passes; with epoch 4 it fails with the output that is shown."""
    page = (ROOT / "docs" / "first-scenario.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```text\n(.*?)^```", page, re.S | re.M)
    block = re.findall(r"^```yaml\n(.*?)^```", page, re.S | re.M)[0]
    monkeypatch.chdir(tmp_path)
    file = Path("stopping.scenario.yaml")
    file.write_text(block)
    assert main(["run", str(file)]) == 0
    assert shown[0] == f"$ dryfit run {file}\n{capsys.readouterr().out}"
    file.write_text(block.replace("epoch: 3", "epoch: 4"))
    assert main(["run", str(file)]) == 1
    assert capsys.readouterr().out.startswith(shown[1])
