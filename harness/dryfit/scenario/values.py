"""Reading a value of a scenario file, with its source text, into what it stands for.

Each reader says what was expected and what was found.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from dryfit.scenario.source import Scalar, plain
from dryfit_fakes.series import Series, SeriesError


def found(data: Any) -> str:
    """Say what stands there."""
    if isinstance(data, Scalar):
        return repr(data.text)
    return "a list" if isinstance(data, list) else "a mapping"


def read_text(data: Any) -> str:
    """Read a text; a number's text too."""
    if isinstance(data, Scalar) and data.value is not None:
        return data.text
    raise ValueError(f"expected text, found {found(data)}")


def read_whole(data: Any) -> int:
    """Read a whole number, 0 or more."""
    value = data.value if isinstance(data, Scalar) else None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError(f"expected a whole number, 0 or more, found {found(data)}")


def read_seconds(data: Any) -> float:
    """Read a number of seconds, 0 or more."""
    value = data.value if isinstance(data, Scalar) else None
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    raise ValueError(f"expected a number of seconds, 0 or more, found {found(data)}")


def read_flag(data: Any) -> bool:
    """Read true or false."""
    if isinstance(data, Scalar) and isinstance(data.value, bool):
        return data.value
    raise ValueError(f"expected true or false, found {found(data)}")


def read_series(data: Any) -> Series:
    """Read a series from its source text."""
    items = data if isinstance(data, list) else [data]
    if not all(isinstance(item, Scalar) for item in items):
        raise ValueError("expected a series, such as '1 .9 .8x3', or a list of its values")
    if isinstance(data, Scalar) and not data.text:
        raise ValueError("no value; between { and } a comma ends a value, so quote text with one")
    try:
        return Series.of([item.text for item in items])
    except SeriesError as error:
        raise ValueError(str(error)) from None


def read_series_list(data: Any) -> list[Series]:
    """Read one series per epoch."""
    if not isinstance(data, list):
        raise ValueError(f"expected a list, one series an epoch, found {found(data)}")
    return [read_series(item) for item in data]


def read_values(data: Any) -> Any:
    """A series where it reads as one, and else a list of plain values."""
    try:
        return read_series(data)
    except ValueError:
        if isinstance(data, list):
            return plain(data)
        raise


def read_numbers(data: Any) -> list[int]:
    """Read whole numbers, written as a series."""
    if read_never(data) == []:
        return []
    series = read_series(data)
    if any(value is None or value != int(value) for value in series.values):
        raise ValueError(f"expected whole numbers, found {found(data)}")
    return [int(value) for value in series.values if value is not None]


def read_texts(data: Any) -> list[str]:
    """Read a list of texts, or the lines of one."""
    if isinstance(data, Scalar):
        return [line.strip() for line in read_text(data).splitlines() if line.strip()]
    if isinstance(data, list):
        return [read_text(item) for item in data]
    raise ValueError(f"expected text or a list of texts, found {found(data)}")


def read_import(data: Any) -> Any:
    """Read ``{import: 'module:name'}``."""
    value = plain(data)
    if isinstance(value, dict) and set(value) == {"import"} and isinstance(value["import"], str):
        return value
    raise ValueError(f"expected {{import: 'module:name'}}, found {found(data)}")


def read_rate(data: Any) -> Any:
    """Read a learning rate, or an import of a schedule."""
    value = plain(data)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        return read_import(data)
    except ValueError:
        raise ValueError(
            f"expected a number or {{import: 'module:schedule'}}, found {found(data)}"
        ) from None


def read_never(data: Any) -> Any:
    """``never`` and ``[]`` say the same."""
    if (isinstance(data, Scalar) and data.text == "never") or data == []:
        return []
    return data


def word_or_mapping(word: str, *words: str) -> Any:
    """Make a reader of one of some words, or a mapping."""
    allowed = (word, *words)

    def check(data: Any) -> Any:
        if isinstance(data, Scalar) and data.text in allowed:
            return data.text
        if not isinstance(data, dict):
            raise ValueError(f"expected {' or '.join(allowed)} or a mapping, found {found(data)}")
        return data

    return check


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


SeriesOrNever = Annotated[
    Any,
    BeforeValidator(lambda data: [] if read_never(data) == [] else read_series(data)),
    WithJsonSchema({"anyOf": [SERIES_SCHEMA, {"const": "never"}]}),
]
