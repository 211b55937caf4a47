"""What a result was made of, to see whether it still holds."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from dryfit.scenario.load import find_files


def fingerprint(file: Path) -> str:
    """Say in short what a file has in it; nothing if it cannot be read."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    except OSError:
        return ""


def of_scenarios(paths: Iterable[Path]) -> str:
    """Say in short what scenarios are made of: their files, and the modules beside them."""
    files = {file.resolve() for file in find_files(list(paths))}
    files |= {module for file in set(files) for module in file.parent.glob("**/*.py")}
    told = "\n".join(f"{file} {fingerprint(file)}" for file in sorted(files))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def unchanged(sources: Mapping[str, str]) -> bool:
    """Whether files are what they were."""
    return all(fingerprint(Path(file)) == told for file, told in sources.items())
