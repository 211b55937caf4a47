"""Pictures: what is drawn, what is written, and what is refused."""

import math
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from keras.callbacks import EarlyStopping, LearningRateScheduler, ModelCheckpoint, ReduceLROnPlateau

pytest.importorskip("matplotlib")

import dryfit
from dryfit import play, plot
from dryfit.cli import main
from dryfit.show.plot.plot import as_svg, save
from dryfit_fakes.actors import SetLearningRateAt

sys.path.append(str(Path(__file__).parent))
import pictures
from pictures import FAMILIES, ROOT, SHOWN, words

# Shapes without letters are the same to the pixel with other settings of FreeType; the
# smallest mark that is missing makes 1.6.
TOLERANCE = 0.5

OVERRIDE = f"{ROOT}/scenarios/scheduler/override.scenario.yaml"
STEP = f"{OVERRIDE}::a-step-of-the-schedule-undoes-only-the-cut-before-it"


def overridden() -> Any:
    return play(
        {"val_loss": ".9 .5 .6x3"},
        [ReduceLROnPlateau(patience=1, factor=0.5), LearningRateScheduler(lambda epoch: 1.0)],
        learning_rate=1.0,
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_a_picture_of_each_family_is_as_it_was(family: str, tmp_path: Path) -> None:
    """Its words, and its shapes; `make pictures` draws them anew."""
    from matplotlib.testing.compare import compare_images

    made = pictures.figure(FAMILIES[family])
    kept = (pictures.BASELINE / f"{family}.txt").read_text(encoding="utf-8")
    assert words(made) == kept.splitlines()
    expected, actual = tmp_path / "expected.png", tmp_path / "actual.png"
    expected.write_bytes((pictures.BASELINE / f"{family}.png").read_bytes())
    pictures.draw_without_words(made, actual)
    assert compare_images(str(expected), str(actual), TOLERANCE) is None


@pytest.mark.parametrize("name", SHOWN)
def test_the_docs_pictures_are_up_to_date(name: str) -> None:
    """What is written in them is what would be written today."""
    file = (pictures.IMAGES / f"{name}.svg").read_text(encoding="utf-8")
    assert set(words(pictures.figure(SHOWN[name]))) <= set(_texts(file))


def test_whose_rate_was_thrown_away_when_and_by_whom_is_written() -> None:
    """A reader of the picture alone can say so."""
    assert (
        "epoch 3: LearningRateScheduler throws away the 0.5 that ReduceLROnPlateau set in epoch 2 "
        "epoch 4: LearningRateScheduler throws away the 0.5 that ReduceLROnPlateau set in epoch 3"
    ) in " ".join(words(plot(overridden())))


def test_a_picture_has_curves_above_and_rates_below() -> None:
    """Rates on a log axis, and none where no rate changed."""
    figure = plot(overridden())
    assert [(axes.get_ylabel(), axes.get_yscale()) for axes in figure.axes] == [
        ("loss", "linear"),
        ("learning rate", "log"),
    ]
    still = plot(play({"loss": "2 1"}, learning_rate=0.5))
    assert words(still) == [
        "loss",
        "best: 1 in epoch 1",
        "epoch  (learning rate 0.5 in all of them)",
        "loss",
    ]


@pytest.mark.parametrize(
    ("rate", "scale"),
    [
        (lambda epoch: 0.05 * (1 + math.cos(math.pi * epoch / 9)), "linear"),
        (lambda epoch: 0.01 * (epoch + 1), "linear"),
        (lambda epoch: 0.1 * 0.5**epoch, "log"),
        (lambda epoch: 0.1 if epoch < 5 else 0.01, "log"),
    ],
    ids=["cosine", "warm-up", "halving", "one step"],
)
def test_rates_have_the_axis_on_which_they_are_even(rate: Any, scale: str) -> None:
    """A cosine looks like one, down to its 0; what is halved again and again is a straight line."""
    run = play({"loss": "1x10"}, [LearningRateScheduler(rate)], learning_rate=rate(0))
    axes = plot(run).axes[1]
    assert axes.get_yscale() == scale
    low, high = axes.get_ylim()
    assert all(low < rate(epoch) < high for epoch in range(10))


def test_the_tutorials_plot_history() -> None:
    """From epoch 5 on; the red dot is on the validation's best, by the metric's direction."""
    accuracy = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    history = {"accuracy": accuracy, "val_accuracy": [*accuracy[:6], 0.55, 0.5]}
    figure = plot(history, monitor="accuracy", start_epoch=5)
    (axes,) = figure.axes
    assert axes.get_xlim() == (4.5, 7.5)
    assert words(figure)[:3] == ["val_accuracy", "accuracy", "best: 0.6 in epoch 5"]
    (dot,) = [line for line in axes.lines if line.get_markersize() == 9]
    assert (list(dot.get_xdata()), list(dot.get_ydata())) == ([5], [0.6])


def test_a_best_epoch_that_is_not_shown_is_named() -> None:
    """The best is that of the training, not of what is shown."""
    assert "best: 0.1 in epoch 0, not shown" in words(
        plot({"loss": [0.1, 0.5, 0.4]}, start_epoch=1)
    )


def test_several_calls_stand_one_below_the_other() -> None:
    """Each with its own epochs."""
    first = play({"loss": "3 2 1"})
    second = play({"loss": "_x3 .9 .8"}, initial_epoch=3, after=first)
    figure = plot([first, second], title="twice")
    assert [axes.get_xlim() for axes in figure.axes] == [(-0.5, 2.5), (2.5, 4.5)]
    assert {"twice: call 0", "twice: call 1"} < set(words(figure))


def test_ranks_stand_one_below_the_other() -> None:
    """Each with its number; of several calls each rank of each call."""
    run = play([{"loss": "3 2 1"}, {"loss": "3 2 2"}])
    assert [w for w in words(plot(run, title="two")) if w.startswith("two")] == [
        "two: rank 0 of 2",
        "two: rank 1 of 2",
    ]
    assert [w for w in words(plot([run, run])) if w.startswith("call")] == [
        "call 0, rank 0 of 2",
        "call 0, rank 1 of 2",
        "call 1, rank 0 of 2",
        "call 1, rank 1 of 2",
    ]


def test_no_figure_stays_open(tmp_path: Path) -> None:
    """Nothing of pyplot's global state is used."""
    from matplotlib import pyplot

    save(plot(overridden()), tmp_path / "run.png")
    assert pyplot.get_fignums() == []


def test_the_users_settings_stay_as_they_are() -> None:
    """And change nothing in the picture."""
    import matplotlib as mpl

    run = overridden()
    plain = as_svg(run)
    with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "text.usetex": True}):
        assert as_svg(run) == plain
        assert mpl.rcParams["font.size"] == 30


def test_an_svg_is_the_same_each_time_small_and_without_background(tmp_path: Path) -> None:
    """Text is text, ink is the page's, and there is no date; a file's ink is a dark page's too."""
    run = overridden()
    save(plot(run), tmp_path / "run.svg")
    text = (tmp_path / "run.svg").read_text(encoding="utf-8")
    assert "@media (prefers-color-scheme: dark)" in text
    assert "#ffffff" not in text
    svg = as_svg(run, "a title")
    assert svg == as_svg(run, "a title")
    assert len(svg) < 25_000
    assert svg.startswith('<svg fill="currentColor" ')
    assert "a title" in _texts(svg)
    assert "stroke: currentColor" in svg
    assert not re.search("#000000|#fff|<metadata|DOCTYPE|DejaVu", svg)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "$x^2$ & $\\frac$", "_x", "损失"])
def test_names_are_shown_as_they_are(name: str, tmp_path: Path) -> None:
    """They are no markup, no formula, and no reason to warn."""
    run = play({name: "2 1 3"}, [EarlyStopping(name, mode="min")])
    assert {name, "best: 1 in epoch 1"} < set(_texts(as_svg(run, name)))
    save(plot(run, title=name), tmp_path / "run.png")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("nanx3", ["loss is nan"]),
        ("1 nan inf -inf", ["loss is nan", "loss is inf", "loss is -inf", "best: -inf in epoch 3"]),
        ("3e38 1e-45 -3e38", ["best: -3e+38 in epoch 2"]),
        ("1 1.0000001", ["best: 1 in epoch 0"]),
    ],
)
def test_values_that_no_axis_has(values: str, told: list[str], tmp_path: Path) -> None:
    """They are marked at the edge and named."""
    figure = plot(play({"loss": values}))
    save(figure, tmp_path / "run.png")
    assert words(figure)[1 : len(told) + 1] == told


def test_rates_that_a_log_axis_has_not(tmp_path: Path) -> None:
    """Zero, a negative rate and nan are marked and named."""
    setters = [SetLearningRateAt(rate, epoch=n) for n, rate in enumerate((0.0, -1.0, float("nan")))]
    figure = plot(play({"loss": "1x4"}, setters, learning_rate=1))
    save(figure, tmp_path / "run.png")
    told = ["learning rate 0", "learning rate -1", "learning rate nan"]
    assert [text for text in words(figure) if text in told] == told


def test_many_decisions_are_told_together(tmp_path: Path, monkeypatch: Any) -> None:
    """As a number and from when to when, not one by one."""
    monkeypatch.chdir(tmp_path)
    run = play(
        {"loss": "1x300"},
        [
            ReduceLROnPlateau("loss", patience=1, factor=0.5),
            LearningRateScheduler(lambda epoch: 1.0),
            ModelCheckpoint("a.weights.h5", monitor="loss", save_weights_only=True),
        ],
        learning_rate=1.0,
    )
    assert words(plot(run))[2:] == [
        "ModelCheckpoint saves 300 times",
        "loss",
        "learning rate",
        "ReduceLROnPlateau cuts 299 times",
        "hollow: no batch trained with it",
        "override",
        "LearningRateScheduler throws away what ReduceLROnPlateau set, 298",
        "times: in epochs 2 to 299",
        "epoch",
        "learning rate",
    ]


def test_a_long_name_is_cut_short() -> None:
    """So that words stay on the sheet."""
    named = type("A" * 60, (EarlyStopping,), {})
    written = words(plot(play({"val_loss": "1x4"}, [named()])))
    assert written[written.index(f"{'A' * 31}…") + 1] == "stops training in epoch 1"


@pytest.mark.parametrize("one", [3, None, "run.png", []])
def test_what_is_neither_run_nor_history_is_refused(one: Any) -> None:
    """The error says what is expected."""
    with pytest.raises(TypeError, match="expected a Run, "):
        plot(one)


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch: Any) -> None:
    """In Python as an ImportError."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=re.escape('pip install "dryfit[plot]"')):
        plot({"loss": [1.0]})


def test_it_is_a_name_of_the_package() -> None:
    """dryfit.plot is the function."""
    assert dryfit.plot is plot


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_trace_draws_a_scenario(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Below its epoch table it says where to; the file is the same each time."""
    files = [tmp_path / f"{n}{suffix}" for n in "ab"]
    for file in files:
        assert main(["trace", STEP, "--plot", str(file)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"wrote {files[1]}"
    assert files[0].read_bytes() == files[1].read_bytes()
    starts = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}
    assert files[0].read_bytes().startswith(starts[suffix])


@pytest.mark.parametrize(
    ("target", "file", "message"),
    [
        (STEP, "a.gif", "--plot a.gif: a picture is a file with one of the endings .png, "),
        (STEP, "a", "--plot a: a picture is a file with one of the endings .png, .svg, .pdf"),
        (STEP, "none/a.png", "--plot none/a.png: there is no folder none; make it"),
        (OVERRIDE, "a.png", "--plot a.png: a picture shows one scenario, and "),
        (STEP, "folder.png", "folder.png: cannot be written: Is a directory"),
    ],
)
def test_what_trace_cannot_draw_is_refused(
    target: str,
    file: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In one line, with status 2."""
    monkeypatch.chdir(tmp_path)
    Path("folder.png").mkdir()
    assert main(["trace", target, "--plot", file]) == 2
    assert capsys.readouterr().err.startswith(f"dryfit trace: {message}")


def test_trace_without_matplotlib_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is played."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["trace", STEP, "--plot", "a.png"]) == 2
    told = capsys.readouterr()
    assert (told.out, 'pip install "dryfit[plot]"' in told.err) == ("", True)


def _texts(svg: str) -> list[str]:
    tree = ET.fromstring(svg)
    return ["".join(text.itertext()) for text in tree.findall(".//{*}text")]
