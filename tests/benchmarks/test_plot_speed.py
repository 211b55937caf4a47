"""How long a picture of a long run takes."""

import math
import time
from pathlib import Path

import pytest
from keras.callbacks import LearningRateScheduler, ReduceLROnPlateau

from dryfit import play, plot
from dryfit.show.plot.plot import as_svg, save

pytest.importorskip("matplotlib")
EPOCHS = 10_000


def test_a_run_of_ten_thousand_epochs(tmp_path: Path) -> None:
    """With a change of the rate in each and a thousand overrides: drawn and written within 2 s."""
    values = [math.exp(-epoch / 3000) + 0.1 * math.sin(epoch) for epoch in range(EPOCHS)]
    run = play(
        {"loss": 1, "val_loss": values},
        [
            ReduceLROnPlateau(patience=5, cooldown=3, factor=0.5),
            LearningRateScheduler(lambda epoch: 0.1 * (1 - epoch / EPOCHS)),
        ],
        learning_rate=0.1,
    )
    assert len(run.overrides) > 1000
    took = min(_drawn(run, tmp_path / "run.png") for _ in range(3))
    size = len(as_svg(run)) // 1000
    print(f"\n{EPOCHS} epochs, {len(run.overrides)} overrides: {took:.2f} s, as SVG {size} kB")
    assert took < 2


def _drawn(run: object, file: Path) -> float:
    start = time.perf_counter()
    save(plot(run), file)
    return time.perf_counter() - start
