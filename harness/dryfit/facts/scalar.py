"""A value of a scenario file with the text that it comes from."""

from dataclasses import dataclass, field
from typing import TypeAlias

from dryfit_fakes.protocols import Plain


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value with its source.

    Attributes:
        text: as written, without quotes.
        value: what YAML 1.2 reads it as.
        quoted: whether it is in quotes, or a block of text.
    """

    text: str
    value: str | int | float | bool | None
    quoted: bool = field(default=False, compare=False)


# What stands in a file: values with their source, in lists and mappings.
Sourced: TypeAlias = Scalar | list["Sourced"] | dict[str, "Sourced"]


def plain(data: Sourced) -> Plain:
    """The value without its source."""
    if isinstance(data, Scalar):
        return data.value
    if isinstance(data, list):
        return [plain(item) for item in data]
    if isinstance(data, dict):
        return {key: plain(item) for key, item in data.items()}
    return data
