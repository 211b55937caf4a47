"""What a scenario file may say: the keys, their types, and the JSON Schema.

Source: the format in docs/scenarios.md. Values keep their source text up to
here, because a series is read from the text and not from what YAML makes of it.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

from dryfit.scenario.source import Scalar, plain
from dryfit.scenario.values import (
    SERIES_SCHEMA,
    Flag,
    Import,
    Numbers,
    Rate,
    Seconds,
    SeriesList,
    SeriesOrNever,
    SeriesText,
    Text,
    Texts,
    Values,
    Whole,
    found,
    read_never,
    read_numbers,
    read_text,
    read_texts,
    read_whole,
    word_or_mapping,
)


class Keys(BaseModel):
    """A mapping with known keys and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    def given(self) -> dict[str, Any]:
        """The keys that are written, with their values."""
        written = self.model_fields_set  # a set: the order is the model's
        return {n: getattr(self, n) for n in type(self).model_fields if n in written}


def _words(*words: str) -> Any:
    def check(data: Any) -> str:
        text = read_text(data)
        if text not in words:
            raise ValueError(f"expected {' or '.join(words)}, found {text!r}")
        return text

    return Annotated[str, BeforeValidator(check), WithJsonSchema({"enum": list(words)})]


class InterruptKeys(Keys):
    """Where a script breaks off, and with what."""

    epoch: Whole | None = None
    batch: Whole | None = None
    hook: Text | None = None
    raises: Text = "KeyboardInterrupt"


class DiskKeys(Keys):
    """Which file of weights cannot be written, and how that fails."""

    fails: _words("full", "read_only", "torn")  # type: ignore[valid-type]
    at_write: Whole = 0
    after_bytes: Whole | None = None


class ScriptKeys(Keys):
    """What the run reports."""

    epochs: Whole | None = None
    batches: Whole | None = None
    val_batches: Whole | None = None
    learning_rate: Rate = None
    metrics: dict[str, SeriesText] = {}
    batch_metrics: dict[str, SeriesList] = {}
    batch_logs: dict[str, SeriesList] = {}
    directions: dict[str, _words("up", "down")] = {}  # type: ignore[valid-type]
    initial_epoch: Whole | None = None
    validation_freq: Annotated[
        Any,
        BeforeValidator(lambda d: read_numbers(d) if isinstance(d, list) else read_whole(d)),
        WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "array"}]}),
    ] = None
    steps_per_execution: Whole | None = None
    seconds_per_batch: Seconds | None = None
    seconds_per_epoch: Seconds | None = None
    predict: Import = None
    evaluate: Import = None
    interrupt: InterruptKeys | None = None
    disk: DiskKeys | None = None
    warnings: _words("error") | None = None  # type: ignore[valid-type]


class WeightsKeys(Keys):
    """Whose weights."""

    fit: Whole | None = None
    epoch: Whole | None = None
    batch: Whole | None = None
    trained_batches: Whole | None = None


WeightsExpected = Annotated[
    Literal["initial", "mixed"] | WeightsKeys, BeforeValidator(word_or_mapping("initial", "mixed"))
]


class StopKeys(Keys):
    """When training was stopped, and by whom."""

    epoch: Whole | None = None
    batch: Whole | None = None
    by: Text | None = None


class EventKeys(Keys):
    """Something that happened: what is left out is not compared."""

    epoch: Whole | None = None
    batch: Whole | None = None
    hook: Text | None = None
    by: Text | None = None


class RestoreKeys(EventKeys):
    """Weights that came back."""

    to: WeightsExpected | None = None


class RateKeys(EventKeys):
    """A change of the learning rate."""

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

    type: Text | None = None
    match: Text | None = None
    at: _words("construction", "hook") | None = None  # type: ignore[valid-type]
    epoch: Whole | None = None
    batch: Whole | None = None
    by: Text | None = None


def _listed_or_by_callback(data: Any) -> Any:
    data = read_never(data)
    if isinstance(data, dict):
        return {name: read_numbers(epochs) for name, epochs in data.items()}
    return data


def _events(keys: type[Keys]) -> Any:
    return Annotated[
        list[keys] | dict[str, list[int]],  # type: ignore[valid-type]
        BeforeValidator(_listed_or_by_callback),
    ]


def _texts_or_counts(data: Any) -> Any:
    data = read_never(data)
    if isinstance(data, list):
        return [read_text(item) if isinstance(item, Scalar) else item for item in data]
    raise ValueError(f"expected a list of texts, or never, found {found(data)}")


Matches = Annotated[list[str | MatchKeys], BeforeValidator(_texts_or_counts)]


def _file_map(data: Any) -> Any:
    if not isinstance(data, dict):
        return read_texts(data)
    for path, content in data.items():
        if isinstance(content, list):
            raise ValueError(f"{path}: expected its text, or whose weights it has, found a list")
    return {k: v.text if isinstance(v, Scalar) else v for k, v in data.items()}


class Expect(Keys):
    """What must come of a call; only what is named is checked."""

    epochs_run: Whole | None = None
    epochs: Numbers | None = None
    stopped: (
        Annotated[Literal["never"] | StopKeys, BeforeValidator(word_or_mapping("never"))] | None
    ) = None
    weights: WeightsExpected | None = None
    restored: Annotated[list[RestoreKeys], BeforeValidator(read_never)] | None = None
    learning_rate: SeriesText = None
    learning_rate_after: SeriesText = None
    reductions: _events(RateKeys) | None = None  # type: ignore[valid-type]
    overrides: _events(OverrideKeys) | None = None  # type: ignore[valid-type]
    unused: _events(RateKeys) | None = None  # type: ignore[valid-type]
    state: dict[str, Values] | None = None
    checkpoints: Annotated[list[CheckpointKeys], BeforeValidator(read_never)] | None = None
    slept: Annotated[list[SleepKeys], BeforeValidator(read_never)] | None = None
    files: (
        Annotated[list[str] | dict[str, str | WeightsExpected], BeforeValidator(_file_map)] | None
    ) = None
    history: dict[str, SeriesOrNever] | None = None
    logs: dict[str, dict[str, SeriesText]] | None = None
    hooks: Texts | None = None
    indices: dict[str, Numbers] | None = None
    last_hook: Text | None = None
    warnings: Matches | None = None
    prints: Matches | None = None
    raises: RaisesKeys | None = None
    tolerance: Annotated[Any, BeforeValidator(plain), WithJsonSchema({"enum": ["exact"]})] = None
    accepted: Flag = False


def _callback_items(data: Any) -> Any:
    """Each item is a name, or a name with arguments."""
    if not isinstance(data, list):
        raise ValueError(f"expected a list of callbacks, found {found(data)}")
    items: list[tuple[str, dict[str, Any]]] = []
    for item in data:
        if isinstance(item, Scalar):
            items.append((read_text(item), {}))
        elif isinstance(item, dict) and len(item) == 1:
            ((name, arguments),) = item.items()
            if isinstance(arguments, Scalar) and arguments.value is None:
                arguments = {}
            if not isinstance(arguments, dict):
                raise ValueError(f"{name} takes a mapping of arguments, found {found(arguments)}")
            items.append((name, plain(arguments)))
        else:
            raise ValueError("a callback is a name, or one name with its arguments: {Name: {...}}")
    return items


Callbacks = Annotated[
    list[tuple[str, dict[str, Any]]],
    BeforeValidator(_callback_items),
    WithJsonSchema(
        {
            "type": "array",
            "items": {
                "anyOf": [
                    {"type": "string"},
                    {"type": "object", "minProperties": 1, "maxProperties": 1},
                ]
            },
        }
    ),
]


class KnownDefect(Keys):
    """What happens in place of what the documentation promises, where ``when`` holds."""

    id: Text
    when: Text | None = None
    instead: Expect


class LoadKeys(Keys):
    """A fresh model with the weights of a file."""

    load: Text


class CallKeys(Keys):
    """One of several calls on one model."""

    call: _words("fit", "evaluate", "predict")  # type: ignore[valid-type]
    script: ScriptKeys | None = None
    expect: Expect | None = None
    callbacks: _words("same", "fresh") = "same"  # type: ignore[valid-type]
    model: Annotated[
        Literal["same", "fresh"] | LoadKeys, BeforeValidator(word_or_mapping("same", "fresh"))
    ] = "same"


class VariantKeys(Keys):
    """What differs from the scenario."""

    when: Text | None = None
    callbacks: Callbacks | None = None
    expect: Expect | None = None
    known_defect: KnownDefect | None = None


class ScenarioKeys(Keys):
    """A scenario: numbers in, decisions out."""

    name: Text
    about: Text | None = None
    source: Texts | None = None
    when: Text | None = None
    lanes: (
        Annotated[
            list[_words("fake", "real")],  # type: ignore[valid-type]
            BeforeValidator(lambda d: d if isinstance(d, list) else [d]),
        ]
        | None
    ) = None
    differs: Text | None = None
    known_defect: KnownDefect | None = None
    variants: dict[str, VariantKeys] | None = None
    script: ScriptKeys | None = None
    calls: list[CallKeys] | None = None
    callbacks: Callbacks | None = None
    expect: Expect | None = None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of one scenario."""
    schema = ScenarioKeys.model_json_schema()
    expect = schema["$defs"]["Expect"]["properties"]
    never = {"const": "never"}
    epochs_by_callback = {
        "type": "object",
        "additionalProperties": {"anyOf": [never, *SERIES_SCHEMA["anyOf"]]},
    }
    for name in ("reductions", "overrides", "unused"):
        expect[name] = {"anyOf": [expect[name], epochs_by_callback, never]}
    for name in ("restored", "checkpoints", "slept", "warnings", "prints"):
        expect[name] = {"anyOf": [expect[name], never]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dryfit scenario",
        **schema,
    }
