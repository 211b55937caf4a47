"""What scenarios decide otherwise at the one end of a migration than at the other."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

from dryfit.scenario.trust import Trust
from dryfit.tools.matrix.across_releases import ReleaseRow, side_by_side
from dryfit.tools.matrix.cell_facts import DECISIONS
from dryfit.tools.matrix.ends import End
from dryfit.tools.matrix.keras2_habits import HABITS, Habit
from dryfit.tools.matrix.player import PlayedElsewhere, play_there
from dryfit.tools.matrix.processes import Processes
from dryfit.tools.matrix.scenario_code import code_of, said_of
from dryfit.tools.matrix.uncompared import NOTHING, Uncompared, raising, unplayed

_T = TypeVar("_T", "Otherwise", Uncompared)
_NO_MORE = " _..."  # how a recording ends what was reported


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A scenario that is decided otherwise.

    Attributes:
        differences: what, before, after.
        errors: what is raised after.
        habit: what it comes from, if that is known.
        beyond: whether it trains on after, where nothing was recorded.
    """

    file: str
    slug: str
    name: str
    differences: tuple[tuple[str, str, str], ...]
    errors: tuple[str, ...]
    habit: Habit | None
    beyond: bool = False

    @property
    def silent(self) -> bool:
        """Whether nothing is raised that was not raised before."""
        raises = [new for what, _, new in self.differences if what.endswith("raises")]
        return all(new == NOTHING for new in raises)

    @property
    def telling(self) -> list[tuple[str, str, str]]:
        """The differences that a person needs: the others follow from them."""
        names = [what.rpartition(".")[2] for what, _, _ in self.differences]
        follows = {"learning_rate_after"} if "learning_rate" in names else set()
        if "epochs_run" in names:
            follows |= {"learning_rate", "learning_rate_after"}
        if "files" in names:
            follows.add("checkpoints")
        if "raises" in names:
            follows |= {*names} - {"raises"}
        if self.beyond:  # what is decided without numbers says nothing
            follows |= {*names} - {"epochs_run", "stopped", "raises"}
        pairs = zip(names, self.differences, strict=True)
        return [difference for name, difference in pairs if name not in follows]


@dataclass(frozen=True, slots=True)
class Migration:
    """Scenarios at both ends.

    Attributes:
        titles: the releases, before and after.
        lane: where they were played.
        same: how many decide the same.
        unplayed: those that were not played at one of the two, or at both, with the reason.
        raising: those of the same that raise, though nothing says that they are to.
        otherwise: the others: what is silent first, the likeliest in front.
    """

    titles: tuple[str, str]
    lane: str
    same: int
    unplayed: tuple[Uncompared, ...]
    raising: tuple[Uncompared, ...]
    otherwise: tuple[Otherwise, ...]

    def without(self, folder: Path) -> "Migration":
        """The same, but for a folder that is gone: its files by their names alone."""
        begins = f"{folder}/"

        def named(ones: Iterable[_T]) -> tuple[_T, ...]:
            return tuple(replace(one, file=one.file.removeprefix(begins)) for one in ones)

        return replace(
            self,
            unplayed=named(self.unplayed),
            raising=named(self.raising),
            otherwise=named(self.otherwise),
        )


def migration(
    ends: tuple[End, End], paths: Sequence[Path], lane: str, trust: Trust, processes: Processes
) -> Migration:
    """Play scenarios before and after.

    Args:
        ends: the releases, before and after.
        paths: files and folders of scenarios.
        lane: where to play.
        trust: what the files may do.
        processes: runs the plays.

    Raises:
        ProcessError: one of the two cannot be played.
    """
    words = [lane, json.dumps(asdict(trust)), *map(str, paths)]
    results = [play_there(processes, end.python, end.variables, words) for end in ends]
    played = [
        PlayedElsewhere(end.cell, tuple(result["rows"]), result["versions"])
        for end, result in zip(ends, results, strict=True)
    ]
    sources = sorted({source for result in results for source in result["sources"]})
    return compared((played[0], played[1]), lane, sources)


def compared(
    played: tuple[PlayedElsewhere, PlayedElsewhere], lane: str, sources: Iterable[str] = ()
) -> Migration:
    """Say what was decided otherwise.

    Args:
        played: what came of the scenarios, before and after.
        lane: where.
        sources: the files of the modules that they name.
    """
    files, titles = list(sources), (_title(played[0]), _title(played[1]))
    cells = [one.cell for one in played]
    found, same = [], []
    gone: list[Uncompared] = []
    for row in side_by_side(played).rows:
        before, after = row.facts(0), row.facts(1)
        if before is None or after is None:
            gone += unplayed(row, titles)
        elif _decided(before) == _decided(after):
            same.append(raising(row, titles, cells, files))
        else:
            found.append(_otherwise(row, files))
    ranked = tuple(sorted(found, key=_rank))
    raised = tuple(one for one in same if one is not None)
    return Migration(titles, lane, len(same), tuple(gone), raised, ranked)


def _title(played: PlayedElsewhere) -> str:
    return played.title if played.cell.legacy else f"Keras {played.title}"


def _otherwise(row: ReleaseRow, sources: Sequence[str]) -> Otherwise:
    old, new = (_decided(row.facts(index) or {}) for index in (0, 1))
    names = dict.fromkeys([*old, *new])
    differences = tuple(
        (name, old.get(name, ""), new.get(name, ""))
        for name in names
        if old.get(name, "") != new.get(name, "")
    )
    errors = tuple((row.plays[1] or {}).get("errors", ()))
    told = "\n".join([*(f"{name}: {value}" for name, _, value in differences), *errors])
    said = said_of(Path(row.file), row.name)
    code = code_of(said, Path(row.file), sources)
    fitting = [h for h in HABITS if h.fits(told, said, code)]
    if errors:  # a recording has several callbacks: what is raised is of the one it tells of
        fitting.sort(key=lambda h: not h.told)
    habit = next(iter(fitting), None)
    runs = [(a, b) for what, a, b in differences if what.endswith("epochs_run")]
    beyond = _NO_MORE in said and any(int(b or 0) > int(a or 0) for a, b in runs)
    return Otherwise(row.file, row.slug, row.name, differences, errors, habit, beyond)


def _decided(facts: dict[str, str]) -> dict[str, str]:
    """What is decided, without what is printed, counted or kept on the way."""
    return {k: v for k, v in facts.items() if k.rpartition(".")[2] in DECISIONS}


def _rank(one: Otherwise) -> tuple[bool, int]:
    return not one.silent, len(HABITS) if one.habit is None else HABITS.index(one.habit)
