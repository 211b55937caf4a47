"""The pictures that are kept: one of each family of scenarios, and those that the docs show.

``python tests/show/pictures.py`` draws them anew; `make pictures` does that.
"""

import re
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.text import Text

from dryfit import Run, load_scenarios, plot
from dryfit.scenario.playing import play_scenario
from dryfit.show.plot.plot import save

ROOT = Path(__file__).parent.parent.parent
BASELINE = Path(__file__).parent / "baseline"
IMAGES = ROOT / "docs" / "img"

FAMILIES = {
    "early_stopping": "early_stopping/restore::the-best-weights-come-back-although-another-"
    "callback-stopped",
    "reduce_lr": "reduce_lr/cooldown::a-cooldown-of-two-cuts-every-other-epoch",
    "scheduler": "scheduler/override::a-step-of-the-schedule-undoes-only-the-cut-before-it",
    "checkpoint": "checkpoint/best::the-same-instance-remembers-the-best-across-two-fits",
    "nan": "nan/terminate_on_nan::the-best-weights-come-back-after-nan",
    "lifecycle": "lifecycle/stop::a-stop-in-mid-epoch-skips-the-other-batches-and-nothing-else",
    "protocol": "protocol/fit::a-later-initial_epoch-counts-epochs-from-there",
    "faults": "faults/resume::early-stopping-forgets-on-a-resume-what-it-had-seen",
    "defects": "defects/nan_first::a-nan-in-the-first-epoch-stops-a-training-that-gets-better",
}
NUMBER = re.compile(r"[-\u2212]?[\d.]+")
SHOWN = {"restore": FAMILIES["early_stopping"], "override": FAMILIES["scheduler"],
         "cooldown": FAMILIES["reduce_lr"], "nan": FAMILIES["defects"]}  # fmt: skip


def played(target: str) -> tuple[str, list[Run]]:
    """The name of a scenario, and what came of its calls."""
    file, slug = target.split("::")
    scenarios = load_scenarios(ROOT / "scenarios" / f"{file}.scenario.yaml")
    scenario = next(scenario for scenario in scenarios if scenario.slug == slug)
    runs = [one.run for one in play_scenario(scenario, "fake")]
    return scenario.name, [run for run in runs if run is not None]


def figure(target: str) -> Figure:
    """The picture of a scenario."""
    name, runs = played(target)
    return plot(runs, title=name)


def words(figure: Figure) -> list[str]:
    """Everything that is written in a picture, but for numbers."""
    texts = [text.get_text() for text in figure.findobj(Text)]
    return [text for text in texts if text.strip() and not NUMBER.fullmatch(text)]


def draw_without_words(figure: Figure, file: Path) -> None:
    """Shapes alone: letters differ with every FreeType; and no marks of the legend."""
    for text in figure.findobj(Text):
        text.set_alpha(0)
    for mark in figure.artists:
        mark.set_visible(False)
    figure.savefig(file, dpi=72, metadata={"Software": None})


def main() -> None:
    """Draw them all anew."""
    BASELINE.mkdir(exist_ok=True)
    IMAGES.mkdir(exist_ok=True)
    for name, target in FAMILIES.items():
        made = figure(target)
        (BASELINE / f"{name}.txt").write_text("\n".join([*words(made), ""]), encoding="utf-8")
        draw_without_words(made, BASELINE / f"{name}.png")
    for name, target in SHOWN.items():
        save(figure(target), IMAGES / f"{name}.svg")


if __name__ == "__main__":
    main()
