"""What came of a cell before, read again: whole, or not at all."""

from pathlib import Path
from typing import Annotated, Any

from packaging.version import Version
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from dryfit.judge.outcome import Outcome
from dryfit.scenario.bounded_file import UnreadableFileError
from dryfit.scenario.bounded_json import read_json

MOST_NOTE_BYTES = 1_000_000


class _KeptFailure(BaseModel):
    model_config = ConfigDict(strict=True)
    what: str
    epoch: int | None
    expected: str
    got: str


class _KeptRow(BaseModel):
    file: str
    slug: str
    name: str
    outcome: Outcome
    reason: str
    failures: list[_KeptFailure]
    facts: dict[str, str] | None


def _with_versions(versions: dict[str, str]) -> dict[str, str]:
    for name in ("keras", "python"):
        Version(versions.get(name, "0"))
    return versions


class _KeptResult(BaseModel):
    versions: Annotated[dict[str, str], AfterValidator(_with_versions)]
    rows: list[_KeptRow]
    sources: dict[str, str]


class _KeptNote(BaseModel):
    model_config = ConfigDict(strict=True)
    id: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]  # part of the names of results
    files: int


def read_result(file: Path) -> dict[str, Any] | None:
    """Read what came of a cell; ``None`` if it is not there, or is not whole."""
    return _read(file, _KeptResult)


def read_note(file: Path) -> dict[str, Any] | None:
    """Read what an environment was made for; ``None`` if that is not there, or not whole."""
    return _read(file, _KeptNote, MOST_NOTE_BYTES)


def _read(file: Path, form: type[BaseModel], *most_bytes: int) -> dict[str, Any] | None:
    try:
        kept: dict[str, Any] = read_json(file, *most_bytes)
        form.model_validate(kept)
    except (UnreadableFileError, ValidationError):
        return None
    return kept
