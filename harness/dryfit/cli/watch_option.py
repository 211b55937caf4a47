"""``dryfit run --watch``: play again what depends on a file when it is saved."""

import argparse
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import NoReturn

from dryfit.cli.common import limit_gpu, load, trust_of
from dryfit.lanes.own_process import Apart
from dryfit.scenario.by_name import targets_by_file
from dryfit.scenario.naming import SUFFIX
from dryfit.scenario.problems import ScenarioFileError
from dryfit.scenario.usage import UsageError
from dryfit.show.colours import in_colours, terminal

# What is about one run of all, or prints what a person does not read.
_NOT_WITH = ("report", "junitxml", "ctrf", "list", "exitfirst", "failed")


def watch(options: argparse.Namespace, lanes: Sequence[str]) -> NoReturn:
    """Play all, and again what depends on what is saved, until somebody ends it.

    Raises:
        UsageError: there are no scenarios, or another option is of no use here.
        ImportError: watchfiles is not installed.
    """
    _check(options)
    from dryfit.tools.watch.played_apart import MODULES, WARM, play_apart
    from dryfit.tools.watch.saves import Saves
    from dryfit.tools.watch.watching import Watching

    console = terminal()
    colours = None if console is None or console.no_color else console.color_system
    settings = {
        "keywords": options.keywords,
        "lanes": list(lanes),
        "trust": asdict(trust_of(options)),
        "megabytes": options.gpu_memory_limit,
        "terminal": console and {"width": console.width, "colours": colours},
    }
    saves = Saves()
    with Apart(*MODULES, warm=WARM) as apart:
        watching = Watching(
            options.targets,
            settings,
            partial(play_apart, apart),
            partial(print, flush=True),
            partial(in_colours, terminal=console),
        )
        saves.watch(watching.folders())
        watching.follow(saves.wait)


def _check(options: argparse.Namespace) -> None:
    given = [f"--{name}" for name in _NOT_WITH if getattr(options, name)]
    given += [
        f"--{name}"
        for name, usual in (("format", "text"), ("jobs", 1))
        if getattr(options, name) != usual
    ]
    if given:
        raise UsageError("--watch", f"does not go with {' and '.join(given)}")
    if options.gpu_memory_limit is not None:
        limit_gpu(options, ())  # in no lane here: the number alone is looked at
    for target in options.targets:
        if not targets_by_file([target]):
            raise UsageError(target, f"no *{SUFFIX} file in there")
    with suppress(ScenarioFileError):  # it is watched until it is mended
        load(options)
