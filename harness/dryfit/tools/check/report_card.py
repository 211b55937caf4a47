"""Card: what became of each check, as text and as JSON."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from dryfit.facts.comparing import joined
from dryfit.facts.suggestions import did_you_mean
from dryfit.scenario.whole_file import make_folder, write_text
from dryfit.show.json_text import json_text
from dryfit_fakes.quantities import quantity

_MARKS = {"passed": "✓", "failed": "✗", "not_applicable": "-"}


class CheckFailedError(AssertionError):
    """A callback failed checks; the text is its card."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one check.

    Attributes:
        name: the check's.
        outcome: ``passed``, ``failed`` or ``not_applicable``.
        reason: what was seen, with hook and epoch.
        scenario: a scenario file that shows it; empty where no file can.
        why: what is wrong with what failed.
        write: what to write in its place.
        remark: what is worth knowing, and no failure.
        at: the line of somebody's own code that raised what failed it.
    """

    name: str
    outcome: str
    reason: str
    scenario: str = ""
    why: str = ""
    write: str = ""
    remark: str = ""
    at: str = ""

    def text(self) -> str:
        """The check as its card has it, and the scenario that shows it."""
        lines = _lines(self, len(self.name))
        return "\n".join([*lines, *_shown(self)])


@dataclass(frozen=True, slots=True, repr=False)
class Card:
    """The results of all checks of one callback.

    >>> card = Card("Mine", (Result("plain run", "passed", "comes to its end"),))
    >>> card.passed, card.failed
    (('plain run',), ())
    """

    callback: str
    results: tuple[Result, ...]

    @property
    def passed(self) -> tuple[str, ...]:
        """The names of the checks that were passed."""
        return self._names("passed")

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the checks that failed."""
        return self._names("failed")

    @property
    def not_applicable(self) -> tuple[str, ...]:
        """The names of the checks that say nothing about this callback."""
        return self._names("not_applicable")

    def __getitem__(self, name: str) -> Result:
        """The result of a check by its name."""
        for result in self.results:
            if result.name == name:
                return result
        known = [result.name for result in self.results]
        hint = did_you_mean(name, known) or f"; there are {joined(known)}"
        raise KeyError(f"no check {name!r}{hint}")

    def __repr__(self) -> str:
        """How many checks came out how, and which failed."""
        failed = f" ({joined(self.failed)})" if self.failed else ""
        others = f"{len(self.not_applicable)} not applicable"
        told = f"{len(self.passed)} passed, {len(self.failed)} failed{failed}, {others}"
        return f"<Card of {self.callback}: {told}>"

    def assert_passed(self, except_: Collection[str] = ()) -> None:
        """Raise if a check failed.

        Args:
            except_: names of checks that may fail, and must: one that does not is
                to be taken off the list.

        Raises:
            CheckFailedError: the text is the card.
            KeyError: there is no such check.
        """
        __tracebackhide__ = True
        allowed = (except_,) if isinstance(except_, str) else tuple(except_)
        spared = [name for name in allowed if self[name].outcome != "failed"]
        if spared:
            raise CheckFailedError(
                f"{self.callback} does not fail {', '.join(map(repr, spared))}: "
                "take it out of except_"
            )
        if set(self.failed) - set(allowed):
            raise CheckFailedError(self.text())

    def text(self) -> str:
        """The card as text: a line a check, then the scenarios that show what failed.

        Below what failed stand why that is wrong and what to write. Checks that were not
        played for one and the same reason are one line.
        """
        width = max((len(result.name) for result in self.results), default=0)
        lines = [self.callback]
        for reason, alike in groupby(self.results, _not_played):
            rows = list(alike)
            if reason and len(rows) > 1:
                lines.append(f"  - {f'{len(rows)} checks':{width}}  {reason}")
            else:
                lines += [line for row in rows for line in _lines(row, width)]
        lines += [self._count()]
        for result in self.results:
            lines += _shown(result)
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The card as plain data."""
        return {"callback": self.callback, "results": [asdict(result) for result in self.results]}

    def save(self, path: str | Path) -> None:
        """Write the card to a file: JSON if it ends in ``.json``, else text."""
        path = Path(path)
        as_json = path.suffix == ".json"
        text = json_text(self.as_json()) if as_json else self.text()
        write_text(path, f"{text}\n")

    def save_scenarios(self, folder: str | Path) -> list[Path]:
        """Write every scenario to a file of its own, and return the files."""
        folder = Path(folder)
        make_folder(folder)
        written = []
        for result in self.results:
            if result.scenario:
                path = folder / f"{result.name.replace(' ', '-').lower()}.scenario.yaml"
                write_text(path, result.scenario)
                written.append(path)
        return written

    def _names(self, outcome: str) -> tuple[str, ...]:
        return tuple(result.name for result in self.results if result.outcome == outcome)

    def _count(self) -> str:
        parts = [f"{len(self.passed)} passed", f"{len(self.failed)} failed"]
        parts.append(f"{len(self.not_applicable)} not applicable")
        return f"{quantity(len(self.results), 'check')}: {', '.join(parts)}"

    def __str__(self) -> str:
        return self.text()


def _not_played(result: Result) -> str:
    return result.reason if result.outcome == "not_applicable" else ""


def _lines(result: Result, width: int) -> list[str]:
    lines = [f"  {_MARKS[result.outcome]} {result.name:{width}}  {result.reason}"]
    told = {"at": result.at, "remark": result.remark, "why": result.why, "write": result.write}
    return lines + [f"      {name}: {text}" for name, text in told.items() if text]


def _shown(result: Result) -> list[str]:
    if result.outcome != "failed" or not result.scenario:
        return []
    file = [f"    {line}" for line in result.scenario.splitlines()]
    return ["", f"{result.name}, as a scenario:", "", *file]


def cards_as_json(cards: Iterable[Card]) -> Any:
    """One card as it is, several as a list."""
    data = [card.as_json() for card in cards]
    return data[0] if len(data) == 1 else data
