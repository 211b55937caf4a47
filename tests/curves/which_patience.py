"""What a longer patience is worth on data that no callback has seen: docs/which-patience.md.

Run as a script, it prints the page's table and draws its picture.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pyarrow import parquet
from record_curves import FOLDER

from dryfit.show.plot.plot import save
from dryfit.sweep import sweep
from dryfit.tools.sweep.front_plot import draw_front

PICTURE = Path(__file__).parents[2] / "docs" / "img" / "patience.svg"
PATIENCES = (1, 2, 3, 5, 8, 10, 15, 20, 30, 40)
PLOTTED = "EarlyStopping: {patience: 1..50, min_delta: 0|.0001|.001|.01}"


def tested() -> dict[str, dict[str, list[float | None]]]:
    """What the test set said after each epoch, by curve."""
    found: dict[str, dict[str, list[float | None]]] = {}
    for file in sorted(FOLDER.glob("*.parquet")):
        for row in parquet.read_table(file).to_pylist():
            curve = found.setdefault(row["curve"], {"loss": [], "error": []})
            curve["loss"].append(row["test_loss"])
            accuracy = row.get("test_accuracy")
            curve["error"].append(None if accuracy is None else 1 - accuracy)
    return found


def rows() -> Iterator[tuple[str, ...]]:
    """A line for each patience, over the trainings that all of them stop.

    Against patience 1: how long training takes, and the test loss and the errors of the epoch
    whose validation loss is the best.
    """
    cells = sweep(
        FOLDER, f"EarlyStopping: {{patience: {'|'.join(map(str, PATIENCES))}}}"
    ).answers.cells
    everybody = np.flatnonzero(~cells.goes_on.any(0))
    test = tested()
    first: tuple[float, float] | None = None
    for index, patience in enumerate(PATIENCES):
        picked = [(test[cells.ids[at]], int(cells.best_epoch[index, at])) for at in everybody]
        losses = np.log([curve["loss"][epoch] for curve, epoch in picked])
        errors = [e for curve, epoch in picked if (e := curve["error"][epoch]) is not None]
        epochs = cells.epochs[index, everybody].mean()
        first = first or (epochs, losses.mean())
        yield (
            f"{patience}",
            f"{epochs:.1f}",
            f"{epochs / first[0]:.1f}",
            f"{100 * (np.exp(losses.mean() - first[1]) - 1):+.1f} %",
            f"{100 * np.mean(errors):.1f} %",
        )


if __name__ == "__main__":
    for line in rows():
        print(f"| {' | '.join(line)} |")
    save(draw_front(sweep(FOLDER, PLOTTED, budget=0.5)), PICTURE)
