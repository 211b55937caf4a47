"""Card: what became of each check, as text and as JSON."""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

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
    """

    name: str
    outcome: str
    reason: str
    scenario: str = ""


@dataclass(frozen=True, slots=True)
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
        known = ", ".join(result.name for result in self.results)
        raise KeyError(f"no check {name!r}; there are {known}")

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
        """The card as text: a line a check, then the scenarios that show what failed."""
        width = max((len(result.name) for result in self.results), default=0)
        lines = [self.callback]
        lines += [f"  {_MARKS[r.outcome]} {r.name:{width}}  {r.reason}" for r in self.results]
        lines += [self._count()]
        for result in self.results:
            if result.outcome == "failed" and result.scenario:
                lines += ["", f"{result.name}, as a scenario:", ""]
                lines += [f"    {line}" for line in result.scenario.splitlines()]
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The card as plain data."""
        return {"callback": self.callback, "results": [asdict(result) for result in self.results]}

    def save(self, path: str | Path) -> None:
        """Write the card to a file: JSON if it ends in ``.json``, else text."""
        path = Path(path)
        as_json = path.suffix == ".json"
        text = json.dumps(self.as_json(), indent=2, ensure_ascii=False) if as_json else self.text()
        path.write_text(f"{text}\n", encoding="utf-8")

    def save_scenarios(self, folder: str | Path) -> list[Path]:
        """Write every scenario to a file of its own, and return the files."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for result in self.results:
            if result.scenario:
                path = folder / f"{result.name.replace(' ', '-').lower()}.scenario.yaml"
                path.write_text(result.scenario, encoding="utf-8")
                written.append(path)
        return written

    def _names(self, outcome: str) -> tuple[str, ...]:
        return tuple(result.name for result in self.results if result.outcome == outcome)

    def _count(self) -> str:
        parts = [f"{len(self.passed)} passed", f"{len(self.failed)} failed"]
        parts.append(f"{len(self.not_applicable)} not applicable")
        return f"{len(self.results)} checks: {', '.join(parts)}"

    def __str__(self) -> str:
        return self.text()


def cards_as_json(cards: Iterable[Card]) -> Any:
    """One card as it is, several as a list."""
    data = [card.as_json() for card in cards]
    return data[0] if len(data) == 1 else data
