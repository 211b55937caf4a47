"""``dryfit accept``: write what happened into expect."""

import argparse
import os
import sys
from difflib import unified_diff
from pathlib import Path
from typing import Any

from dryfit.cli.common import quiet


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("accept", help="write what happened into expect")
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="scenario files")
    command.add_argument("--only", default="", metavar="KEYS", help="such as learning_rate,stopped")
    command.add_argument("--raised", action="store_true", help="also where an exception came")
    command.add_argument("--lane", choices=("fake", "real"), default="fake", help="where to play")
    command.set_defaults(command=_command)


def _command(options: argparse.Namespace) -> int:
    from dryfit.scenario.accept import accept
    from dryfit.scenario.load import load_scenarios
    from dryfit.scenario.playing import play_scenario
    from dryfit.scenario.schema import Expect

    if os.environ.get("CI"):
        print("accept writes expectations, which CI only checks; run it by hand", file=sys.stderr)
        return 2
    only = [name for name in options.only.split(",") if name]
    if unknown := [name for name in only if name not in Expect.model_fields]:
        known = ", ".join(Expect.model_fields)
        print(f"--only: unknown {', '.join(unknown)}; known are {known}", file=sys.stderr)
        return 2
    refused = 0
    for path in options.files:
        scenarios = load_scenarios(path, unfinished=True)
        before = text = path.read_text(encoding="utf-8")
        for scenario in reversed(scenarios):
            with quiet():
                played = play_scenario(scenario, options.lane)
            if scenario.known_defect is not None:
                print(f"{path}: {scenario.name}: not accepted: expect states a promise")
            elif any(call.error is not None for call in played) and not options.raised:
                error = next(call.error for call in played if call.error is not None)
                print(f"{path}: {scenario.name}: not accepted: {type(error).__name__}: {error}")
                print("  --raised accepts it all the same")
                refused += 1
            else:
                text = accept(text, scenario, played, only)
        path.write_text(text, encoding="utf-8")
        lines = (before.splitlines(keepends=True), text.splitlines(keepends=True))
        sys.stdout.writelines(unified_diff(*lines, str(path), str(path)))
    return int(refused > 0)
