"""The audit of a sweep: some of its cells, played to the real callbacks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dryfit.facts.notation import Raw, number, series
from dryfit.scenario.layout import document
from dryfit.tools.sweep.curve_arrays import NEVER, CurveArrays
from dryfit.tools.sweep.outcomes import Outcomes
from dryfit.tools.sweep.real_callbacks import play_cells
from dryfit.tools.sweep.settings import SweptSettings, written


@dataclass(frozen=True)
class Differing:
    """A cell that array programs decide otherwise than the real callbacks.

    Attributes:
        curve: its id.
        setting: the list of callbacks, as a person writes it.
        differs: what they say of it: by name the array programs', then the callbacks'.
        scenario: a scenario file that plays the cell and expects what the array programs say.
    """

    curve: str
    setting: str
    differs: dict[str, tuple[float, float]]
    scenario: str

    def __str__(self) -> str:
        told = [
            f"{name.replace('_', ' ')} {mine:g}, and the callbacks {theirs:g}"
            for name, (mine, theirs) in self.differs.items()
        ]
        return (
            f"{self.setting} on {self.curve}: the array programs say {'; '.join(told)}\n"
            f"{self.scenario}"
        )


def drawn_cells(cells: int, most: int, seed: int) -> list[int]:
    """Draw cells of a whole grid, whoever plays them; all where there are no more."""
    if most >= cells:
        return list(range(cells))
    return sorted(np.random.default_rng(seed).choice(cells, most, replace=False).tolist())


def audited(
    curves: CurveArrays,
    settings: SweptSettings,
    decided: Outcomes,
    cells: Sequence[int],
    part: slice,
) -> Iterator[Differing | None]:
    """Play cells to the real callbacks; hand out what differs, or nothing, for each.

    Args:
        curves: all of a sweep.
        settings: all of a sweep.
        decided: what array programs decided on some of the curves.
        cells: numbers of the whole grid, setting by setting.
        part: those curves.
    """
    mine = sorted((cell % len(curves), cell // len(curves)) for cell in cells)
    for column, row in mine:
        if not part.start <= column < part.stop:
            continue
        real = play_cells(curves.part(column, column + 1), settings, [row]).decided(0, 0)
        said = decided.decided(row, column - part.start)
        differs = {n: (said[n], real[n]) for n in said if said[n] != real[n]}
        yield _differing(curves, settings, column, row, said, differs) if differs else None


def _differing(
    curves: CurveArrays,
    settings: SweptSettings,
    column: int,
    row: int,
    said: dict[str, float],
    differs: dict[str, tuple[float, float]],
) -> Differing:
    curve, setting = curves.curve(column), settings.lists[row]
    gap = ["_"] * curve.first_epoch
    script: dict[str, object] = {
        "epochs": curve.first_epoch + curve.epochs,
        "learning_rate": Raw(number(curve.begins_with)),
        "metrics": {
            name: series([*gap, *map(number, column)]) for name, column in curve.metrics.items()
        },
    }
    if curve.first_epoch:
        script["initial_epoch"] = curve.first_epoch
    stopped = int(said["stopped"])
    expect = {
        "epochs_run": int(said["epochs"]),
        "stopped": "never" if stopped == NEVER else {"epoch": stopped},
    }
    about = ["a cell of a sweep; what is expected is what its array programs say"]
    text = document(f"cell of {curve.id}", about, script, list(setting), expect, [])
    return Differing(curve.id, written(setting), differs, text)
