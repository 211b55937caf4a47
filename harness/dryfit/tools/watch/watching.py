"""What is played again when files are saved: what depends on them, and what failed last first."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from dryfit.facts.visible_text import visible
from dryfit.judge.outcome import Outcome, counted, worst
from dryfit.scenario.by_name import targets_by_file
from dryfit_fakes.quantities import quantity

# What was saved, by its real path; None where all is to be played.
Saved: TypeAlias = frozenset[Path] | None
# Takes what `dryfit.tools.watch.played_again.play` is asked, and who hears what that tells.
Player: TypeAlias = Callable[[Mapping[str, Any], Callable[[dict[str, Any]], None]], None]


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a scenario when it was played last.

    Attributes:
        outcomes: in each lane.
        needs: files of the modules that it imported, ever.
    """

    file: str
    outcomes: tuple[str, ...]
    checks: int
    needs: frozenset[str]

    @property
    def holds(self) -> bool:
        """Whether nothing is to be done about it."""
        return worst(self.outcomes).holds


@dataclass
class Watching:
    """Scenarios that are played again when they change, or what they depend on.

    Args:
        targets: files, folders and ``FILE::SLUG``.
        settings: what the job is asked besides files.
        player: plays what it is asked.
        say: prints a text.
        lit: gives its colours to what is not told by the job.
    """

    targets: list[str]
    settings: Mapping[str, Any]
    player: Player
    say: Callable[[str], None]
    lit: Callable[[str], str] = str
    _told: dict[str, Told] = field(default_factory=dict)
    _broken: set[str] = field(default_factory=set)  # files that do not load

    def follow(self, wait: Callable[[Collection[Path]], Saved]) -> NoReturn:
        """Play all, and then what depends on what is saved, until somebody ends it.

        Args:
            wait: waits until something is saved below some folders, or all is asked for.
        """
        saved: Saved = None
        while True:
            if files := self._all() if saved is None else self._concerned(saved):
                if saved is not None:
                    self.say("\nsaved: " + visible(", ".join(_shown(saved))))
                self._round(files)
            saved = wait(self.folders())

    def folders(self) -> set[Path]:
        """The folders in which something may be saved that concerns a scenario."""
        paths = [Path(file) for file in targets_by_file(self.targets)]
        paths += (Path(target) for target in self.targets if os.path.isdir(target))
        needed = {Path(file) for told in self._told.values() for file in told.needs}
        found = {path if os.path.isdir(path) else path.parent for path in (*paths, *needed)}
        real = {Path(os.path.realpath(folder)) for folder in (*found, Path.cwd())}
        return {folder for folder in real if os.path.isdir(folder)}  # a module's may be gone

    def _all(self) -> dict[str, dict[str, Any]]:
        files = targets_by_file(self.targets)
        self._forget(set(map(str, files)))
        return {str(file): _whole(targets) for file, targets in files.items()}

    def _concerned(self, saved: frozenset[Path]) -> dict[str, dict[str, Any]]:
        """The scenario files that were saved, and of others what depends on what was."""
        files = {str(file): targets for file, targets in targets_by_file(self.targets).items()}
        gone = self._forget(set(files))
        asked = {f: _whole(t) for f, t in files.items() if Path(os.path.realpath(f)) in saved}
        modules = {str(path) for path in saved if path.suffix == ".py"}
        for name, told in self._told.items():
            error = Outcome.ERROR in told.outcomes  # perhaps for a module that was not there
            if told.file in files and (told.needs & modules or (modules and error)):
                part = asked.setdefault(told.file, _part(files[told.file]))
                if part["scenarios"] is not None:
                    part["scenarios"].append(name)
        if gone and not asked:
            self.say(f"\n{quantity(gone, 'scenario')} less; {self._state()}")
        return asked

    def _forget(self, there: set[str]) -> int:
        """Forget files that are no longer there; how many scenarios they had."""
        gone = [name for name, told in self._told.items() if told.file not in there]
        for name in gone:
            del self._told[name]
        self._broken &= there
        return len(gone)

    def _round(self, files: dict[str, dict[str, Any]]) -> None:
        before = dict(self._told)
        for name, told in before.items():
            part = files.get(told.file)
            if part is not None and part["scenarios"] is None:  # it may have gone from its file
                del self._told[name]
        self._broken -= set(files)
        played: dict[str, Told] = {}

        def hear(told: dict[str, Any]) -> None:
            if "problem" in told:
                self._broken.add(told["file"])
                self.say(self.lit(visible(told["problem"])))
                self._told.update((n, t) for n, t in before.items() if t.file == told["file"])
            elif "scenario" in told:
                name = told["scenario"]
                earlier = before[name].needs if name in before else frozenset()
                played[name] = self._told[name] = _told(told, earlier)
                if told["text"]:
                    self.say(told["text"])

        failed = [name for name, told in before.items() if not told.holds]
        self.player({**self.settings, "files": files, "first": failed}, hear)
        self.say(self.lit(self._summary(played)))

    def _summary(self, played: Mapping[str, Told]) -> str:
        checks = sum(told.checks for told in played.values())
        parts = [
            f"{quantity(len(played), 'scenario')}, {quantity(checks, 'check')}, "
            f"in {' and '.join(self.settings['lanes'])}",
            *counted(outcome for told in played.values() for outcome in told.outcomes),
        ]
        others = [name for name, told in self._told.items() if not told.holds | (name in played)]
        if others:
            parts.append(f"still to be mended: {visible(', '.join(others))}")
        return f"{'; '.join(parts)}\n{self._state()}"

    def _state(self) -> str:
        broken = quantity(len(self._broken), "file")
        that = f", and {broken} that cannot be used" if self._broken else ""
        return (
            f"watching {quantity(len(self._told), 'scenario')}{that}; Enter plays all, Ctrl-C ends"
        )


def _whole(targets: list[str]) -> dict[str, Any]:
    return {"targets": targets, "scenarios": None}


def _part(targets: list[str]) -> dict[str, Any]:
    return {"targets": targets, "scenarios": []}


def _told(told: Mapping[str, Any], earlier: frozenset[str]) -> Told:
    """What a job told; a module that fails does not tell what it would have imported."""
    file = told["scenario"].rpartition("::")[0]
    needs = earlier.union(told["needs"])
    return Told(file, tuple(told["outcomes"]), told["checks"], needs)


def _shown(saved: frozenset[Path]) -> list[str]:
    here = os.path.realpath(os.curdir)
    return sorted(os.path.relpath(path, here) for path in saved)
