"""Names that somebody chose: of metrics and of optimizers, whatever else they mean in a file."""

from pathlib import Path

import pytest

from dryfit import load_scenarios
from dryfit.judge.verdict import judge
from dryfit.scenario.problems import ScenarioFileError
from dryfit.scenario.trust import Trust


def told(folder: Path, text: str, trust: Trust | None = None) -> list[str]:
    """What does not hold in a scenario."""
    file = folder / "a.scenario.yaml"
    file.write_text(f"name: a\n{text}")
    (scenario,) = load_scenarios(file, **({} if trust is None else {"trust": trust}))
    verdict = judge(scenario, "fake")
    return [verdict.reason, *(f"{f.what}: {f.got}" for f, _ in verdict.failures)]


@pytest.mark.parametrize(
    "text",
    [
        "script: {metrics: {import: 3 2 1}}\nexpect: {history: {import: 3 2 1}}\n",
        "script: {metrics: {call: 3 2}}\nexpect: {history: {call: 3 2}}\n",
        "script: {batches: 2, batch_metrics: {import: [4 2]}}\nexpect: {history: {import: '3'}}\n",
        "script: {metrics: {import: 1 2}, directions: {import: up}}\nexpect: {epochs_run: 2}\n",
        "script: {metrics: {loss: 1x2}, optimizers: {import: .5}}\n"
        "expect: {learning_rate: {import: .5x2}}\n",
    ],
    ids=["metric", "call", "batch metric", "direction", "optimizer"],
)
def test_a_name_alone_in_its_mapping_is_a_name(text: str, tmp_path: Path) -> None:
    """Also where nothing may be imported: nothing is."""
    assert told(tmp_path, text) == [""]
    assert told(tmp_path, text, Trust(imports=False)) == [""]


def test_a_rate_of_an_optimizer_is_still_imported(tmp_path: Path) -> None:
    """Its name is a name, and what it has is an import as ever."""
    rate = '{import: "dryfit.check:decaying"}'
    text = f"script: {{metrics: {{loss: 1x2}}, optimizers: {{import: {rate}}}}}\nexpect: "
    assert told(tmp_path, f"{text}{{epochs_run: 2}}\n") == [""]
    with pytest.raises(ScenarioFileError, match=r"script.optimizers.import: 'dryfit.check:decayin"):
        told(tmp_path, f"{text}{{epochs_run: 2}}\n", Trust(imports=False))


def test_what_a_callback_writes_is_a_metric(tmp_path: Path) -> None:
    """It reads like a misspelt one of the script, and is there all the same."""
    text = (
        "script: {metrics: {val_loss: 3 2}}\n"
        "callbacks: [{WriteLogs: {metrics: {val_los: 5 4}}}]\n"
        "expect: {history: {val_los: 5 4}}\n"
    )
    assert told(tmp_path, text) == [""]
    with pytest.raises(ScenarioFileError, match="did you mean 'val_los'"):
        told(tmp_path, text.replace("expect: {history: {val_los", "expect: {history: {val_lo"))


def test_what_a_callback_of_another_rank_writes_is_a_metric(tmp_path: Path) -> None:
    """Also where rank 0 has none that writes it."""
    text = (
        "script: {ranks: 2, metrics: {val_loss: 3 2}}\n"
        "callbacks: [[CSVLogger: {filename: log.csv}], [WriteLogs: {metrics: {val_los: 5 4}}]]\n"
        "expect: {logs: {on_epoch_end: {val_los: _}}}\n"
    )
    assert told(tmp_path, text) == [""]
