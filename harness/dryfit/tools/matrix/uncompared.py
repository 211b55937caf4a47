"""What a migration could not compare: what one end does not play, and what raises at both."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dryfit.tools.matrix.across_releases import ReleaseRow
from dryfit.tools.matrix.cells import Cell
from dryfit.tools.matrix.scenario_code import modules_of, said_of

NOTHING = "nothing"  # is raised
_BY_NAME = re.compile(r"(?m)^\s*(?:import|from)\s+(tf_keras|keras)\b")


@dataclass(frozen=True, slots=True)
class Uncompared:
    """A scenario of which nothing is compared, or nothing but what it raises.

    Attributes:
        on: the releases that do not play it, or raise.
        told: why they do not play it, or what they raise.
        why: what an exception perhaps comes from.
    """

    file: str
    slug: str
    on: tuple[str, ...]
    told: str
    why: str = ""


def unplayed(row: ReleaseRow, titles: Sequence[str]) -> Iterator[Uncompared]:
    """Say why a scenario is not played: once, if it is the same reason at both ends."""
    reasons: dict[str, list[str]] = {}
    for index, title in enumerate(titles):
        if row.facts(index) is None:
            told = (row.plays[index] or {}).get("unplayed") or "the reason is not known"
            reasons.setdefault(_without_place(told, row.file), []).append(title)
    for told, on in reasons.items():
        yield Uncompared(row.file, row.slug, tuple(on), told)


def _without_place(told: str, file: str) -> str:
    """A problem of a file without its line and key: the scenario is named, others have the same."""
    place = rf"{re.escape(str(Path(file)))}:\d+: (?:\S*callbacks\[\d+\]: )?"
    return " ".join(re.sub(rf"\A{place}", "", told).split())


def raising(
    row: ReleaseRow, titles: Sequence[str], cells: Sequence[Cell], sources: Sequence[str]
) -> Uncompared | None:
    """Say what a scenario raises, if it is not to raise anything.

    Args:
        row: it raises the same at both ends.
        titles: of the ends.
        cells: likewise.
        sources: the files of the modules that scenarios name.
    """
    raised = [fact for name, fact in (row.facts(1) or {}).items() if name.endswith("raises")]
    if all(fact == NOTHING for fact in raised) or not any(map(_is_unexpected, row.plays)):
        return None
    errors = "; ".join(" ".join(error.split()) for error in (row.plays[1] or {})["errors"])
    said = said_of(Path(row.file), row.name)
    why = next(_one_keras(said, Path(row.file), cells, sources), "")
    return Uncompared(row.file, row.slug, tuple(titles), errors, why)


def _is_unexpected(play: dict[str, object] | None) -> bool:
    """Whether it raised and nothing says that it is to; a constructor's is an error."""
    if play is None:
        return False
    failures = play["failures"]
    assert isinstance(failures, list)
    return play["outcome"] == "error" or any(f["expected"] == "no exception" for f in failures)


def _one_keras(
    said: str, file: Path, cells: Sequence[Cell], sources: Sequence[str]
) -> Iterator[str]:
    """Say which of its modules have the same Keras at both ends, as they import it by its name."""
    beside = any(cell.package == "tf-keras" for cell in cells)  # or keras is each end's own
    for module, path in modules_of(said, file, sources):
        for name in _BY_NAME.findall(path.read_text(encoding="utf-8")):
            if name == "tf_keras" or beside:
                yield (
                    f"{module} imports {name}, which is Keras {2 if name == 'tf_keras' else 3} on "
                    "both; write `from dryfit import keras` or `from tensorflow import keras`"
                )
