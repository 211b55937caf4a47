"""The mappings that stand in `expect`, and how the values of a key are read.

Values keep their source text up to here, because a series is read from the text and
not from what YAML makes of it.
"""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Tag, WithJsonSchema

from dryfit.facts.scalar import Scalar, Sourced
from dryfit.facts.suggestions import did_you_mean
from dryfit.facts.values import (
    Rate,
    Seconds,
    Text,
    Whole,
    below,
    found,
    read_never,
    read_numbers,
    read_text,
    read_texts,
    word_or_mapping,
)


class Keys(BaseModel):
    """A mapping with known keys and no others.

    Attributes:
        alone: the key for which a value was probably meant that stands there without one.
    """

    alone: ClassVar[str] = ""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    def given(self) -> dict[str, Any]:
        """The keys that are written, with their values."""
        written = self.model_fields_set  # a set: the order is the model's
        return {n: getattr(self, n) for n in type(self).model_fields if n in written}


def words(*words: str) -> Any:
    """Make the type of one of some words."""

    def check(data: Sourced) -> str:
        return one_of(read_text(data), words)

    return Annotated[str, BeforeValidator(check), WithJsonSchema({"enum": list(words)})]


def one_of(text: str, words: Sequence[str]) -> str:
    """Refuse a text that is none of some words."""
    if text not in words:
        hint = did_you_mean(text, words)
        raise ValueError(f"expected {' or '.join(words)}, found {text!r}{hint.rstrip()}")
    return text


class WeightsKeys(Keys):
    """Whose weights."""

    alone = "epoch"

    fit: Whole | None = None
    epoch: Whole | None = None
    batch: Whole | None = None
    trained_batches: Whole | None = None


WeightsExpected = Annotated[
    Literal["initial", "mixed"] | WeightsKeys, BeforeValidator(word_or_mapping("initial", "mixed"))
]


class StopKeys(Keys):
    """When training was stopped, and by whom."""

    alone = "epoch"

    epoch: Whole | None = None
    batch: Whole | None = None
    by: Text | None = None


class EventKeys(Keys):
    """Something that happened: what is left out is not compared."""

    alone = "epoch"

    epoch: Whole | None = None
    batch: Whole | None = None
    hook: Text | None = None
    by: Text | None = None


class RestoreKeys(EventKeys):
    """Weights that came back."""

    to: WeightsExpected | None = None


class RateKeys(EventKeys):
    """A change of the learning rate; which of several optimizers' is said by its name."""

    optimizer: Text | None = None
    old: Rate = None
    new: Rate = None


class OverrideKeys(RateKeys):
    """A rate that was thrown away."""

    undoes: Text | None = None


class CheckpointKeys(EventKeys):
    """A file of weights that was written."""

    path: Text | None = None


class SleepKeys(EventKeys):
    """A sleep, on a clock that only the script moves."""

    seconds: Seconds | None = None


class MatchKeys(Keys):
    """A text that must occur so often."""

    match: Text
    times: Whole


class RaisesKeys(Keys):
    """An exception that must come."""

    alone = "type"

    type: Text | None = None
    match: Text | None = None
    at: words("construction", "hook") | None = None  # type: ignore[valid-type]
    epoch: Whole | None = None
    batch: Whole | None = None
    by: Text | None = None


def listed_or_by_callback(data: Sourced) -> Sourced | dict[str, list[int]]:
    """Read a list, or epochs by callback."""
    data = read_never(data)
    if isinstance(data, dict):
        return {name: read_numbers(epochs) for name, epochs in data.items()}
    if not isinstance(data, list):
        told = "expected a list, never, or epochs by callback, as {ReduceLROnPlateau: [4]}"
        raise ValueError(f"{told}, found {found(data)}")
    return data


def _texts_or_counts(data: Sourced) -> list[str | Sourced]:
    data = read_never(data)
    if isinstance(data, list):
        return [
            below(index, read_text, item) if isinstance(item, Scalar) else item
            for index, item in enumerate(data)
        ]
    raise ValueError(f"expected a list of texts, or never, found {found(data)}")


def _either(kind: type, this: Any, that: Any) -> Any:
    """What is of a kind is this, and all else that; the tags stay out of messages."""
    return Annotated[
        Annotated[this, Tag("list[this]")] | Annotated[that, Tag("dict[that]")],
        Discriminator(lambda data: "list[this]" if isinstance(data, kind) else "dict[that]"),
    ]


def text_or(keys: type[Keys]) -> Any:
    """A text, or a mapping."""
    return _either(str, str, keys)


def list_or(this: object, mapping: object) -> Any:
    """A list, or a mapping."""
    return _either(list, list[this], mapping)  # type: ignore[valid-type]


Matches = Annotated[list[text_or(MatchKeys)], BeforeValidator(_texts_or_counts)]  # type: ignore[misc, valid-type]


def _inside(path: str) -> str:
    """Refuse a path that leads out of the run's folder: nobody looks there."""
    pure = PurePath(path)
    if pure.is_absolute() or ".." in pure.parts:
        raise ValueError(f"{path}: is not in the run's folder; paths are relative to it")
    return path


def file_map(data: Sourced) -> list[str] | dict[str, str | Sourced]:
    """Read paths, or what is in the file of each."""
    if not isinstance(data, dict):
        return [_inside(path) for path in read_texts(data)]
    for path, content in data.items():
        if isinstance(content, list):
            raise ValueError(f"{path}: expected its text, or whose weights it has, found a list")
        _inside(path)
    return {k: v.text if isinstance(v, Scalar) else v for k, v in data.items()}
