"""The picture of a run or of a ``History``, drawn with matplotlib.

Nothing of ``pyplot`` is used: no display is needed, and no figure stays behind.
"""

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryfit.run.run import Run
from dryfit.scenario.whole_file import write_bytes, write_text
from dryfit.show.plot.figures import as_element, drawn, style, svgs_of
from dryfit.show.plot.picture import Picture
from dryfit.show.plot.picture_of_run import of_history, picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from dryfit.scenario.history_columns import ReportedHistory

_DATES = {".png": {"Software": None}, ".pdf": {"CreationDate": None}}
_XML = '<?xml version="1.0" encoding="utf-8" standalone="no"?>\n'
_INK = (
    "<style>svg { color: #1c2024 } "
    "@media (prefers-color-scheme: dark) { svg { color: #edeef0 } }</style>"
)


def plot(
    run_or_history: "Run | ReportedHistory | Sequence[Run | ReportedHistory]",
    *,
    monitor: str | None = None,
    start_epoch: int = 0,
    mode: str = "auto",
    validation_freq: int = 1,
    title: str = "",
) -> "Figure":
    """Draw what happened: curves, the best epoch, who stopped, whose rates were thrown away.

    Args:
        run_or_history: a `Run`, a ``History`` of a real training or its dict, or a list of
            those, drawn one below the other; so are the ranks of a run that has several.
        monitor: the metric to show with its best epoch, that of its validation where there
            is one; by default what the callbacks monitor, or else the loss.
        start_epoch: the first epoch shown, where those before are out of scale.
        mode: ``"min"`` or ``"max"``, where ``"auto"`` does not know whether low or high is
            best.
        validation_freq: as in ``fit``, for a history; a run knows.
        title: what stands above.

    Returns:
        A figure to save, ``figure.savefig("run.png")``; a notebook shows it by itself.

    Raises:
        ImportError: matplotlib is not installed.
        TypeError: it is neither a run nor a history.
        ValueError: no epoch reported such a metric, or a history has unequal lengths.

    >>> from dryfit import play
    >>> run = play({"val_loss": ".9 .5 .6x4"}, [keras.callbacks.EarlyStopping(patience=2)])
    >>> figure = plot(run, title="two bad epochs are enough")
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['loss']
    """
    several = run_or_history if isinstance(run_or_history, list | tuple) else [run_or_history]
    if not several:
        raise TypeError("expected a Run, or a History of a training; found an empty list")
    shown = {
        said: _picture(one, monitor, mode, validation_freq)
        for number, call in enumerate(several)
        for said, one in _ranks(call, f"call {number}" if len(several) > 1 else "")
    }
    return drawn(shown, title, start_epoch)


def as_svg(run: Run, title: str = "") -> str:
    """Draw a run as an SVG element for a page: the same text each time, without background.

    Text is text, and what is black has the page's ``currentColor``. Its ``data-axes`` are the
    left, upper, right and lower edge of the curves, and the epochs at the left and the right.
    """
    return svgs_of([picture(run)], title)[0]


def save(figure: "Figure", path: Path) -> None:
    """Write a figure as a file that is the same each time.

    An SVG has no ground, and the ink of what is around it: dark on light, or light on dark.

    Raises:
        UnwritableError: there is no such folder, or it is not to be written in.
    """
    kind = path.suffix.lower()
    if kind == ".svg":
        write_text(path, f"{_XML}{as_element(figure).replace('>', f'>{_INK}', 1)}")
        return
    drawn = BytesIO()
    with style():
        figure.savefig(drawn, format=kind[1:], metadata=_DATES[kind], dpi=150)
    write_bytes(path, drawn.getvalue())


def _picture(one: Any, monitor: str | None, mode: str, validation_freq: int) -> Picture:
    if isinstance(one, Run):
        return picture(one, monitor, mode)
    if isinstance(one, Mapping) or isinstance(getattr(one, "history", None), Mapping):
        return of_history(one, monitor, mode, validation_freq)
    raise TypeError(
        "expected a Run, a History as fit returns it, its dict, or a list of those; "
        f"found {type(one).__name__}"
    )


def _ranks(one: Any, call: str) -> Iterator[tuple[str, Any]]:
    """Each rank of a run by what stands above it; what has no ranks is alone."""
    ranks = one.ranks if isinstance(one, Run) else (one,)
    for number, rank in enumerate(ranks):
        said = f"rank {number} of {len(ranks)}" if len(ranks) > 1 else ""
        yield ", ".join(filter(None, (call, said))), rank
