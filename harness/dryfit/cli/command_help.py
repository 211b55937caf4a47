"""What each command's ``--help`` says besides its options."""

import argparse
import re
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dryfit.facts.suggestions import did_you_mean

_START = """\
start here:
  dryfit demo                    seven cases, as epoch tables
  dryfit check EarlyStopping     what a callback does wrong
  dryfit run FILE.scenario.yaml  which scenarios do not hold

dryfit COMMAND --help has examples, exit statuses and a
page of the docs."""
_WORDS = re.compile(r"(?:'[^']*'|\S)+")  # of a shell
_ANY = "70 an internal error, 130 interrupted,\n  143 terminated"


@dataclass(frozen=True, slots=True)
class About:
    """What is to be known of a command.

    Attributes:
        sentence: what it does.
        examples: command lines, without ``dryfit`` and the command.
        statuses: what an exit status means, but for those of all commands.
        page: of the docs.
    """

    sentence: str
    examples: tuple[str, str]
    statuses: str
    page: str


ABOUT = {
    "run": About(
        "Play scenario files to their callbacks, and say what is not as they expect.",
        ("scenarios --lane both -x", "a.scenario.yaml -k 'stop and not nan'"),
        "0 all hold, 1 some do not, 2 bad input",
        "docs/scenarios.md",
    ),
    "trace": About(
        "Play one file, and print what happened in each epoch.",
        ("a.scenario.yaml", "a.scenario.yaml::two-bad --plot two-bad.svg"),
        "0 played, 1 a callback raised, 2 bad input",
        "docs/pictures.md",
    ),
    "accept": About(
        "Write what happened into a file's expect, and print the difference.",
        ("a.scenario.yaml --only stopped,weights", "a.scenario.yaml::two-bad"),
        "0 all is accepted, 1 something is not,\n  2 bad input",
        "docs/scenarios.md",
    ),
    "replay": About(
        "Show what other settings of callbacks would have decided on a recorded curve.",
        (
            "a.scenario.yaml --with 'EarlyStopping: {patience: 1..9}'",
            "a.scenario.yaml --with ReduceLROnPlateau --monitor val_loss",
        ),
        "0 something is answered, 2 nothing is, or bad input",
        "docs/what-if.md",
    ),
    "record": About(
        "Make a scenario file of numbers that a training logged.",
        ("--from log.csv", "--from logs/ --curve train --out a.scenario.yaml"),
        "0 written, 2 bad input",
        "docs/recording.md",
    ),
    "bench": About(
        "Measure what callbacks cost per batch, and whether it grows.",
        (
            "EarlyStopping 'CSVLogger: {filename: log.csv}'",
            "--compare base.json --with head.json",
        ),
        "0 measured, 1 nothing could be, or a comparison\n  fails, 2 bad input, 3 too busy to tell",
        "docs/benchmarks.md",
    ),
    "check": About(
        "Play a battery of scenarios to any callback, and say what it does wrong, and why.",
        ("EarlyStopping", "'my_package.callbacks:Mine' --scenarios found"),
        "0 no check fails, 1 some do, 2 bad input",
        "docs/check.md",
    ),
    "explore": About(
        "Draw scripts and settings, and look for what a callback does not do as documented.",
        ("EarlyStopping", "ReduceLROnPlateau --examples 500 --save found.scenario.yaml"),
        "0 nothing is found, 1 something is, 2 bad input",
        "docs/property-testing.md",
    ),
    "mutate": About(
        "Show which single faults in a callback's code a pack does not notice.",
        ("EarlyStopping scenarios", "my_package.callbacks:Mine tests --fail-under 90"),
        "0 enough is noticed, 1 less than --fail-under,\n  2 bad input",
        "docs/mutate.md",
    ),
    "sweep": About(
        "Say over many recorded curves what each setting saves, and what it loses.",
        (
            "runs/ --with 'EarlyStopping: {patience: 1..50}'",
            "curves.parquet --with 'EarlyStopping: {patience: 5|10}' --format json",
        ),
        "0 played, 1 the two engines differ, 2 bad input",
        "docs/sweep.md",
    ),
    "together": About(
        "Show what callbacks in one list do to each other.",
        (
            "ReduceLROnPlateau 'EarlyStopping: {patience: 3}'",
            "a.scenario.yaml --save together.scenario.yaml",
        ),
        "0 played, 2 bad input",
        "docs/together.md",
    ),
    "matrix": About(
        "Play scenarios on many releases of Keras, and say what differs.",
        ("scenarios --keras 3.6 latest", "scenarios --bisect 3.6 3.15"),
        "0 all hold, 1 some do not, or with\n  --fail-on-change decide otherwise, 2 bad input",
        "docs/keras-releases.md",
    ),
    "migrate": About(
        "Say what scenarios decide otherwise on Keras 3 than on Keras 2, and what to write.",
        ("my.callbacks:Mine", "scenarios --from tf_keras:2.15 --to latest"),
        "0 all decide the same, 1 some do not, or are not\n  compared, 2 none is, or bad input",
        "docs/keras-2-to-3.md",
    ),
    "schema": About(
        "Print the JSON Schema of a scenario file, for an editor.",
        ("", "> dryfit.schema.json"),
        "0 printed",
        "docs/scenarios.md",
    ),
    "demo": About(
        "Play the cases of a callback tutorial in both lanes, and print their epoch tables.",
        ("", "| less -R"),
        "0 both lanes tell the same, 1 they do not",
        "docs/five-minutes.md",
    ),
}


def describe(name: str, command: argparse.ArgumentParser) -> None:
    """Give a command's help its sentence, examples, statuses and page."""
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    if name not in ABOUT:
        return
    about = ABOUT[name]
    width = shutil.get_terminal_size().columns - 2  # as argparse wraps what it takes
    examples = "\n".join(_in_lines(f"dryfit {name} {e}", width) for e in about.examples)
    command.description = textwrap.fill(about.sentence, width)
    command.epilog = "\n".join(
        (
            "examples:",
            f"{examples}\n",
            "exit status:",
            f"  {about.statuses},\n  {_ANY}\n",
            f"more: {about.page}",
        )
    )


def _in_lines(example: str, width: int) -> str:
    r"""Write a command line so that it fits, with a backslash where it goes on.

    >>> print(_in_lines("dryfit run 'a b' --lane both", 20))
      dryfit run 'a b' \
          --lane both
    """
    lines = ["  "]
    for word in _WORDS.findall(example):
        longer = f"{lines[-1]}{word} "
        if len(longer) + 1 > width and lines[-1].strip():
            lines.append(f"      {word} ")
        else:
            lines[-1] = longer
    return "\\\n".join(lines).rstrip()


class Start(argparse.ArgumentParser):
    """The parser of all commands, whose help says below them where to begin."""

    def format_help(self) -> str:
        """Read only here what is installed: each command makes this parser."""
        docs = _documentation()
        self.epilog = f"{_START}\nThe docs begin with\n{docs}" if docs else _START
        return super().format_help()


def _documentation() -> str:
    """Where the docs are, as far as the installed package says; empty where it has no address."""
    from importlib import metadata

    try:
        links = metadata.metadata("dryfit").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return ""
    named: dict[str, str] = dict(link.partition(", ")[::2] for link in links)
    return named.get("Documentation", "")


def no_such_command(name: str, commands: Mapping[str, object]) -> str:
    """Say that there is no such command, and which there are."""
    hint = did_you_mean(name, list(commands)) or "."
    return f"dryfit: no command {name!r}{hint} There are {', '.join(commands)}"


def no_such_option(
    command: argparse.ArgumentParser, words: Sequence[str], unknown: Sequence[str]
) -> str:
    """Say what a command does not take, and what was perhaps meant.

    Args:
        command: its parser.
        words: the whole command line.
        unknown: what is left of it.
    """
    option = next((word for word in unknown if word.startswith("-")), None)
    if option is None:
        return f"{command.prog}: one too many: {unknown[0]!r}; {command.prog} --help says what goes"
    option, _, value = option.partition("=")
    known = [known for action in command._actions for known in action.option_strings]
    hint = did_you_mean(option, known, cutoff=0.75)
    takes_callbacks = any("CALLBACK" in str(action.metavar) for action in command._actions)
    if not hint and takes_callbacks and len(words) > 2:
        behind = unknown[unknown.index(option) + 1 :] if option in unknown else []
        value = value or (behind[0] if behind else "VALUE")
        argument = option.lstrip("-").replace("-", "_")
        hint = (
            "; an argument of the callback goes into its text: "
            f"'{words[1]}: {{{argument}: {value}}}'"
        )
    return f"{command.prog}: no option {option!r}{hint}"
