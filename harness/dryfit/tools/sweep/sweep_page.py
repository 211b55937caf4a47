"""What a sweep found, as one HTML file with its picture: no script, no network."""

from typing import Literal

from dryfit.show.grid import filled
from dryfit.show.page.banner import Banner, Provenance
from dryfit.show.page.inline import Inliner
from dryfit.show.page.templating import templates
from dryfit.show.plot.compact import compact
from dryfit.show.plot.figures import as_element
from dryfit.tools.sweep.front_plot import draw_front
from dryfit.tools.sweep.sweep_report import columns, findings, named, recommendation
from dryfit.tools.sweep.sweeping import SweepResult


def as_page(result: SweepResult, made: Provenance | None = None) -> str:
    """Write a page: what to take, the picture of the front, and a row for each setting.

    Args:
        result: what came of the sweep.
        made: how the page came to be, where it is to say so.

    Raises:
        ImportError: matplotlib is not installed.
    """
    inliner = Inliner()
    picture = inliner.element(compact(as_element(draw_front(result))))
    return (
        templates("dryfit.tools.sweep")
        .get_template("page.html")
        .render(
            title=f"dryfit sweep: {result.curves:,} curves, {len(result.rows):,} settings",
            banner=Banner("dryfit sweep", *_verdict(result)),
            made=made,
            recommendation=list(recommendation(result)),
            found=list(findings(result)),
            picture=f"<style>{inliner.sheet}</style>{picture}",
            columns=filled(columns(result, result.rows)),
            rows=result.rows,
        )
    )


def _verdict(result: SweepResult) -> tuple[str, Literal["good", "odd"]]:
    """What to take, and whether the curves decide it."""
    pick = result.recommended
    if pick is None:
        return "No setting is recommended", "odd"
    return f"Take {named(pick.row)}", "good" if pick.meets and pick.is_sure else "odd"
