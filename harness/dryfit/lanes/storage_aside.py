"""Hypothesis without its folder in that of the user: it keeps there what it read of modules."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dryfit.lanes.temporary import temporary_folder


@contextmanager
def storage_aside() -> Iterator[None]:
    """Let Hypothesis keep what it will in a folder that is removed."""
    from hypothesis import configuration

    before: Path | None = vars(configuration).get("__hypothesis_home_directory")
    with temporary_folder() as folder:
        configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)
