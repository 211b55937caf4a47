"""Reading a value of a scenario file, with its source text, into what it stands for.

Each reader says what was expected and what was found.
"""

import math
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, WithJsonSchema

from dryfit.facts.failure import Key
from dryfit.facts.scalar import Scalar, Sourced, plain
from dryfit_fakes.protocols import Plain
from dryfit_fakes.series import Series, SeriesError

_T = TypeVar("_T")


class ItemError(ValueError):
    """An item of a list that cannot be used.

    Attributes:
        at: its place below the list's key.
    """

    def __init__(self, at: Key, message: str) -> None:
        super().__init__(message)
        self.at = at


def found(data: object) -> str:
    """Say what stands there."""
    if isinstance(data, Scalar):
        return repr(data.text) if data.text or data.quoted else "nothing"
    return "a list" if isinstance(data, list) else "a mapping"


def read_text(data: Sourced) -> str:
    """Read a text; a number's text too."""
    if isinstance(data, Scalar) and data.value is not None:
        return data.text
    raise ValueError(f"expected text, found {found(data)}")


def read_whole(data: Sourced) -> int:
    """Read a whole number, 0 or more."""
    value = data.value if isinstance(data, Scalar) else None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError(f"expected a whole number, 0 or more, found {found(data)}")


def read_seconds(data: Sourced) -> float:
    """Read a number of seconds, 0 or more."""
    value = data.value if isinstance(data, Scalar) else None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf:
        return float(value)
    raise ValueError(f"expected a number of seconds, 0 or more, found {found(data)}")


def read_flag(data: Sourced) -> bool:
    """Read true or false."""
    if isinstance(data, Scalar) and isinstance(data.value, bool):
        return data.value
    raise ValueError(f"expected true or false, found {found(data)}")


def read_series(data: Sourced) -> Series:
    """Read a series from its source text."""
    items = data if isinstance(data, list) else [data]
    scalars = [item for item in items if isinstance(item, Scalar)]
    if len(scalars) != len(items):
        raise ValueError("expected a series, such as '1 .9 .8x3', or a list of its values")
    if isinstance(data, Scalar) and not data.text:
        raise ValueError("no value; between { and } a comma ends a value, so quote text with one")
    empty = [index for index, scalar in enumerate(scalars) if not scalar.text.strip()]
    if isinstance(data, list) and empty:
        raise ItemError((empty[0],), "no value; write _ where a metric has none")
    try:
        return Series.of([scalar.text for scalar in scalars])
    except SeriesError as error:
        raise ValueError(str(error)) from None


def read_series_or_never(data: Sourced) -> Series:
    """Read a series; ``never`` and ``[]`` are one without values."""
    return Series(()) if read_never(data) == [] else read_series(data)


def read_rates(data: Sourced) -> Series | dict[str, Series]:
    """Read a series of rates; of several optimizers one by the name of each."""
    if not isinstance(data, dict):
        return read_series_or_never(data)
    return {name: below(name, read_series_or_never, values) for name, values in data.items()}


def read_series_list(data: Sourced) -> list[Series]:
    """Read one series per epoch."""
    if not isinstance(data, list):
        raise ValueError(f"expected a list, one series an epoch, found {found(data)}")
    return [below(index, read_series, item) for index, item in enumerate(data)]


def below(part: int | str, read: Callable[[Sourced], _T], data: Sourced) -> _T:
    """Read what stands below a key, and name its own place where it cannot be read."""
    try:
        return read(data)
    except ValueError as error:
        at = error.at if isinstance(error, ItemError) else ()
        raise ItemError((part, *at), str(error)) from None


def read_values(data: Sourced) -> Series | Plain:
    """A series where it reads as one, and else a list of plain values.

    A text in quotes makes a list one of plain values: no number is meant by ``["1", "2"]``.
    """
    if isinstance(data, list) and any(isinstance(i, Scalar) and i.quoted for i in data):
        return plain(data)
    try:
        return read_series_or_never(data)
    except ValueError:
        if isinstance(data, list):
            return plain(data)
        raise


def read_numbers(data: Sourced) -> list[int]:
    """Read whole numbers, written as a series."""
    if read_never(data) == []:
        return []
    series = read_series(data)
    if any(value is None or not value.is_integer() for value in series.values):
        raise ValueError(f"expected whole numbers, found {found(data)}")
    return [int(value) for value in series.values if value is not None]


def read_texts(data: Sourced) -> list[str]:
    """Read a list of texts, or the lines of one."""
    if isinstance(data, Scalar):
        return [line.strip() for line in read_text(data).splitlines() if line.strip()]
    if isinstance(data, list):
        return [below(index, read_text, item) for index, item in enumerate(data)]
    raise ValueError(f"expected text or a list of texts, found {found(data)}")


def read_import(data: Sourced) -> dict[str, str]:
    """Read ``{import: 'module:name'}``."""
    value = plain(data)
    if isinstance(value, dict) and set(value) == {"import"} and isinstance(value["import"], str):
        return value
    raise ValueError(f"expected {{import: 'module:name'}}, found {found(data)}")


def read_rate(data: Sourced) -> float | dict[str, str]:
    """Read a learning rate, or an import of a schedule."""
    value = plain(data)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) == math.inf and "inf" not in found(data).lower():
            raise ValueError(f"too large for a float; write .inf: {found(data)}")
        return float(value)
    try:
        return read_import(data)
    except ValueError:
        raise ValueError(
            f"expected a number or {{import: 'module:schedule'}}, found {found(data)}"
        ) from None


def read_rates_in_force(data: Sourced) -> Any:
    """Read rates by epoch, by batch in a list, or a schedule."""
    if isinstance(data, Scalar):
        return read_series(data)
    if isinstance(data, list):
        return read_series_list(data)
    value: Any = plain(data)
    if len(value) == 1:
        ((name, arguments),) = value.items()
        if (name == "import") == isinstance(arguments, str) and isinstance(arguments, str | dict):
            return value
    raise ValueError(
        "expected a series by epoch, a list with a series of batches for each epoch, "
        "{import: 'module:schedule'} or a schedule with its arguments, such as "
        f"{{ExponentialDecay: {{...}}}}, found {found(data)}"
    )


def read_never(data: Sourced) -> Sourced:
    """``never`` and ``[]`` say the same."""
    if (isinstance(data, Scalar) and data.text == "never") or data == []:
        return []
    return data


def some(data: Sourced) -> Sourced:
    """Refuse a list or mapping of nothing: what it stands for is not what was meant."""
    if data in ([], {}):
        raise ValueError(f"{found(data)} of nothing; write what is in it, or leave it out")
    return data


def word_or_mapping(word: str, *words: str) -> Callable[[Sourced], str | dict[str, Sourced]]:
    """Make a reader of one of some words, or a mapping."""
    allowed = (word, *words)

    def check(data: Sourced) -> str | dict[str, Sourced]:
        if isinstance(data, Scalar) and data.text in allowed:
            return data.text
        if not isinstance(data, dict):
            raise ValueError(f"expected {' or '.join(allowed)} or a mapping, found {found(data)}")
        return data

    return check


NEVER_SCHEMA: dict[str, Any] = {"const": "never"}
_NUMBER = {"type": "number"}
SERIES_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": ["string", "number", "null"]},
        {"type": "array", "items": {"type": ["string", "number", "null"]}},
    ],
    "description": "a series: tokens such as 1 .9 _ nan .5x4 1-.1x8 .5...",
}
IMPORT_SCHEMA = {
    "type": "object",
    "properties": {"import": {"type": "string", "pattern": "^[\\w.]+:[\\w.]+$"}},
    "required": ["import"],
    "additionalProperties": False,
}

Text = Annotated[str, BeforeValidator(read_text), WithJsonSchema({"type": ["string", "number"]})]
Texts = Annotated[
    list[str],
    BeforeValidator(read_texts),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {}}]}),
]
Whole = Annotated[
    int, BeforeValidator(read_whole), WithJsonSchema({"type": "integer", "minimum": 0})
]
_SECONDS = {"type": "number", "minimum": 0}
Seconds = Annotated[float, BeforeValidator(read_seconds), WithJsonSchema(_SECONDS)]
Flag = Annotated[bool, BeforeValidator(read_flag)]
SeriesText = Annotated[Any, BeforeValidator(read_series), WithJsonSchema(SERIES_SCHEMA)]
RatesText = Annotated[
    Any,
    BeforeValidator(read_rates),
    WithJsonSchema(
        {
            "anyOf": [
                *SERIES_SCHEMA["anyOf"],
                {"type": "object", "additionalProperties": SERIES_SCHEMA},
            ]
        }
    ),
]
SeriesList = Annotated[
    Any,
    BeforeValidator(read_series_list),
    WithJsonSchema({"type": "array", "items": SERIES_SCHEMA}),
]
Values = Annotated[
    Any, BeforeValidator(read_values), WithJsonSchema({"anyOf": [SERIES_SCHEMA, {"type": "array"}]})
]
Numbers = Annotated[list[int], BeforeValidator(read_numbers), WithJsonSchema(SERIES_SCHEMA)]
Import = Annotated[Any, BeforeValidator(read_import), WithJsonSchema(IMPORT_SCHEMA)]
Rate = Annotated[
    Any, BeforeValidator(read_rate), WithJsonSchema({"anyOf": [_NUMBER, IMPORT_SCHEMA]})
]


_SCHEDULE = {"type": "object", "minProperties": 1, "maxProperties": 1}
RatesInForce = Annotated[
    Any,
    BeforeValidator(read_rates_in_force),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": ["string", "number", "null"]},
                {"type": "array", "items": SERIES_SCHEMA},
                IMPORT_SCHEMA,
                _SCHEDULE,
            ],
            "description": "rates in force: by epoch, by batch in a list, or a schedule",
        }
    ),
]


SeriesOrNever = Annotated[
    Any,
    BeforeValidator(read_series_or_never),
    WithJsonSchema({"anyOf": [SERIES_SCHEMA, {"const": "never"}]}),
]
