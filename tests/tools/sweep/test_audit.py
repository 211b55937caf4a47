"""The audit of a sweep finds array programs that decide otherwise than Keras' callbacks."""

import random
from pathlib import Path
from types import ModuleType

import pytest

from dryfit import load_scenarios
from dryfit.judge.verdict import judge
from dryfit.sweep import sweep
from dryfit.tools.sweep import callback_lists, vectorised
from dryfit.tools.sweep.audit import audited, drawn_cells
from dryfit.tools.sweep.chunks import cut, decide
from dryfit.tools.sweep.curve_arrays import as_arrays
from dryfit.tools.sweep.curve_sources import read_sources
from dryfit.tools.sweep.settings import arithmetic, read_settings

SOURCE = Path(vectorised.__file__).read_text(encoding="utf-8")

STOPPING = (
    "EarlyStopping: {patience: 1..3, min_delta: 0|.125, baseline: null|.4, "
    "start_from_epoch: 0|2, restore_best_weights: true}"
)
PLATEAU = "ReduceLROnPlateau: {patience: 1..2, cooldown: 0|2, factor: .5, min_lr: 0|.004}"
CHECKPOINT = (
    "ModelCheckpoint: {filepath: a.weights.h5, save_weights_only: true, save_best_only: true}"
)
# What is wrong, its place in the source, what stands there then, and who shows it.
FAULTS = {
    "min_delta added": ("astype(np.float64) - delta", "astype(np.float64) + delta", STOPPING),
    "the last of equals": ("(wait > longest)", "(wait >= longest)", STOPPING),
    "no baseline": ("wait[restarts[epoch]] = 0", "wait[found.improved[epoch]] = 0", STOPPING),
    "starts an epoch late": ("(index >= start_from_epoch)", "(index > start_from_epoch)", STOPPING),
    "an epoch too patient": (
        "math.ceil(max(patience, 0))",
        "math.ceil(max(patience, 0)) + 1",
        STOPPING,
    ),
    "the first best": ("NEVER)\n    best = np.maximum", "NEVER)\n    best = np.minimum", STOPPING),
    "rests an epoch longer": ("~improved & ~(resting > 0)", "~improved & ~in_cooldown", PLATEAU),
    "cooldown one longer": ("resting[due] = cooldown", "resting[due] = cooldown + 1", PLATEAU),
    "a plateau too patient": ("(wait >= patience)", "(wait > patience)", PLATEAU),
    "no lowest rate": ("* factor, min_lr)", "* factor, 0)", PLATEAU),
    "inf is a loss": ("~np.isfinite(curves", "np.isnan(curves", "TerminateOnNaN"),
    "not saved without": ("(best.improved | ~metric.there)", "best.improved", CHECKPOINT),
}


def write_curves(file: Path, curves: int = 40) -> Path:
    """Write random curves with gaps, ties and inf as a table."""
    draw = random.Random(0)
    lines = ["curve,epoch,loss,val_loss"]
    for name in range(curves):
        before = 1.0
        for epoch in range(14):
            before = draw.choice([before, before - 0.125, round(draw.random(), 2)])
            loss = "inf" if draw.random() < 0.05 else f"{draw.random():.3f}"
            lines.append(f"{name},{epoch},{loss},{'' if draw.random() < 0.1 else before}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_put_in_is_found(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within two hundred cells, with curve, setting, and a scenario that fails."""
    right, wrong, callback = FAULTS[fault]
    assert SOURCE.count(right) == 1
    faulty = ModuleType("faulty")
    monkeypatch.setitem(__import__("sys").modules, "faulty", faulty)
    exec(SOURCE.replace(right, wrong), vars(faulty))
    monkeypatch.setattr(callback_lists, "programs", faulty)
    found = read_sources([write_curves(tmp_path / "curves.csv")])
    curves, settings = as_arrays(found.curves), read_settings([callback])
    everything = slice(0, len(curves))
    directions = {(name, "auto"): False for name in ("loss", "val_loss")}
    (chunk,) = cut(curves, settings, everything, directions, arithmetic(), plays=False)
    cells = drawn_cells(len(curves) * len(settings), 200, seed=0)
    found_out = audited(curves, settings, decide(chunk), cells, everything)
    assert next((one for one in found_out if one is not None), None) is not None


def test_without_a_fault_nothing_differs(tmp_path: Path) -> None:
    """All of the callbacks in one list."""
    items = ["EarlyStopping: {patience: 1..3, restore_best_weights: true}", PLATEAU]
    result = sweep(
        write_curves(tmp_path / "curves.csv"), [*items, "TerminateOnNaN", CHECKPOINT], audit=50
    )
    assert (result.engine, result.audited, result.differing) == ("vectorised", 50, ())


def test_the_scenario_of_a_cell_that_differs_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It expects what the array programs say, so it fails."""
    wrong = SOURCE.replace("math.ceil(max(patience, 0))", "math.ceil(max(patience, 0)) + 1")
    faulty = ModuleType("faulty")
    monkeypatch.setitem(__import__("sys").modules, "faulty", faulty)
    exec(wrong, vars(faulty))
    monkeypatch.setattr(callback_lists, "programs", faulty)
    result = sweep(write_curves(tmp_path / "curves.csv"), "EarlyStopping: {patience: 1}", audit=5)
    differing = result.differing[0]
    file = tmp_path / "cell.scenario.yaml"
    file.write_text(differing.scenario, encoding="utf-8")
    (scenario,) = load_scenarios(file)
    assert scenario.name == f"cell of {differing.curve}"
    assert not judge(scenario, "fake").holds
    assert str(differing).startswith(
        f"EarlyStopping: {{patience: 1}} on {differing.curve}: the array programs say "
    )
