"""What scenario files are called, and how a scenario's name stands in its id."""

import re
from pathlib import Path

SUFFIX = ".scenario.yaml"  # of files that are written
SUFFIXES = (SUFFIX, ".scenario.yml")


def name_and_suffix(file: Path) -> tuple[str, str]:
    """Take a scenario file's name apart; both are empty where it is none.

    >>> name_and_suffix(Path("runs/monday.scenario.yml")), name_and_suffix(Path("a.yaml"))
    (('monday', '.scenario.yml'), ('', ''))
    """
    ending = next((suffix for suffix in SUFFIXES if file.name.endswith(suffix)), "")
    return (file.name.removesuffix(ending), ending) if ending else ("", "")


def slug(name: str) -> str:
    """Write a name as part of an id; letters of any language stay."""
    return re.sub(r"\W+", "-", name.lower()).strip("-") or "scenario"
