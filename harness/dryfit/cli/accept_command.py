"""``dryfit accept``: write what happened into expect."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

from dryfit.cli.common import Commands, add_choice, add_trust, load, say, say_in_colours
from dryfit.facts.visible_text import visible
from dryfit.judge.quiet import quiet
from dryfit.scenario.usage import UsageError
from dryfit_fakes.quantities import quantity

if TYPE_CHECKING:
    from dryfit.scenario.playing import Played
    from dryfit.scenario.scenario import Scenario

_ASKED = "[a]ccept, [s]kip, [q]uit? "
_QUIT = "q"


def add(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("accept", help="write what happened into expect")
    add_choice(command)
    command.add_argument("--only", default="", metavar="KEYS", help="such as learning_rate,stopped")
    command.add_argument("--raised", action="store_true", help="also where an exception came")
    command.add_argument("--review", action="store_true", help="show each change, and ask for it")
    command.add_argument("--lane", choices=("fake", "real"), default="fake", help="where to play")
    add_trust(command)
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    if os.environ.get("CI"):
        raise UsageError("", "it writes expectations, which CI only checks; run it by hand")
    only = _keys(options.only)
    by_file: dict[Path, list[Scenario]] = {}
    for scenario in load(options, unfinished=True):
        by_file.setdefault(scenario.file, []).append(scenario)
    if options.list:
        return 0
    became: Counter[str] = Counter()
    for file, scenarios in by_file.items():
        became += _accept(file, scenarios, options, only)
        if became[_QUIT] or (options.exitfirst and became["refused"]):
            break
    say_in_colours(_closing(became))
    return int(became["refused"] > 0)


def _keys(text: str) -> list[str]:
    from dryfit.scenario.schema import Expect

    only = [name for name in text.split(",") if name]
    if unknown := [name for name in only if name not in Expect.model_fields]:
        known = ", ".join(Expect.model_fields)
        raise UsageError("--only", f"unknown {', '.join(unknown)}; known are {known}")
    return only


def _accept(
    file: Path, scenarios: Sequence["Scenario"], options: argparse.Namespace, only: Sequence[str]
) -> Counter[str]:
    """Write what happened into a file; return what became of its scenarios, in words."""
    from dryfit.cli.watched_process import under_way
    from dryfit.judge.accepted import holds_already, unasked_failures, why_unusable
    from dryfit.scenario.accept import accept
    from dryfit.scenario.playing import play_scenario
    from dryfit.scenario.whole_file import write_text

    before = file.read_bytes().decode()
    became: Counter[str] = Counter()
    written: dict[str, list[Played]] = {}
    for scenario in scenarios:
        under_way(f"{scenario.file}::{scenario.slug}")
        with quiet():
            played = play_scenario(scenario, options.lane)
        if scenario.known_defect is not None:
            say(f"{file}: {scenario.name}: not accepted: expect states a promise")
            became["left"] += 1
        elif (error := next((call.error for call in played if call.error), None)) and not (
            options.raised
        ):
            what = f"{type(error).__name__}: {error}".removesuffix(": ")
            say(f"{file}: {scenario.name}: not accepted: {what}")
            say("  --raised accepts it all the same")
            became["refused"] += 1
            if options.exitfirst:
                break
        elif not only and holds_already(played):
            became["unchanged"] += 1
        elif options.review and (
            answer := _answer(_difference(file, before, accept(before, scenario, played, only)))
        ):
            became["left"] += 1
            if answer == _QUIT:
                became[_QUIT] = 1
                break
        else:
            written[scenario.slug] = played
    text = before
    for scenario in reversed(scenarios):  # from the end, so that earlier places stay
        if scenario.slug in written:
            text = accept(text, scenario, written[scenario.slug], only)
    if text != before and (why := why_unusable(text, before, file, written, only)):
        say(f"{file}: left as it is; what came of it cannot be written there:\n  {why}")
        became["refused"] += len(written)
        return became
    if file.read_bytes().decode(errors="replace") != before:
        raise UsageError(str(file), "was changed by somebody else meanwhile; it is left to them")
    if text == before:
        became["unchanged"] += len(written)
        return became
    write_text(file, text)
    for place in unasked_failures(text, file, written, only):
        say(f"{place}; --only leaves it")
    for slug in written:
        calls = next(scenario.calls for scenario in scenarios if scenario.slug == slug)
        became["updated" if any(call.expect for call in calls) else "created"] += 1
    if not options.review:
        _show(_difference(file, before, text))
    return became


def _difference(file: Path, before: str, after: str) -> str:
    old, new = (t.replace("\r\n", "\n").splitlines(keepends=True) for t in (before, after))
    return visible("".join(unified_diff(old, new, str(file), str(file))))


def _show(difference: str) -> None:
    from dryfit.show.colours import in_colours, terminal

    sys.stdout.write(in_colours(difference, terminal()))


def _answer(difference: str) -> str:
    """Show a change and ask for it; empty if it is wanted."""
    _show(difference)
    while True:
        print(_ASKED, end="", flush=True)
        line = sys.stdin.readline()
        answer = line.strip().lower()[:1] if line else _QUIT  # nobody is there to answer
        if not line:
            print()
        if answer in ("a", "y"):
            return ""
        if answer in ("s", "n", _QUIT):
            return answer
        print("type a, s or q")


def _closing(became: Counter[str]) -> str:
    """Say what was written, and what was not."""
    words = {
        "updated": "updated",
        "created": "created",
        "refused": "not accepted",
        "left": "left as it is" if became["left"] == 1 else "left as they are",
        "unchanged": "held already",
    }
    parts = [f"{became[name]} {said}" for name, said in words.items() if became[name]]
    scenarios = quantity(sum(became[name] for name in words), "scenario")
    if set(+became) <= {"unchanged"}:
        parts = ["nothing to change"]
    ended = ", and no more asked for" if became[_QUIT] else ""
    return f"{scenarios}: {', '.join(parts)}{ended}"
