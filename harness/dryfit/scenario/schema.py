"""What a scenario file may say: the keys, their types, and the JSON Schema.

Source: the format in docs/scenarios.md. Values keep their source text up to
here, because a series is read from the text and not from what YAML makes of it.
"""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    WithJsonSchema,
    create_model,
    model_validator,
)

from dryfit.facts.expect_keys import FACTS
from dryfit.facts.failure import Key
from dryfit.facts.mapping_keys import Keys, list_or, words
from dryfit.facts.notation import flow
from dryfit.facts.scalar import Scalar, Sourced, plain
from dryfit.facts.values import (
    Flag,
    Import,
    ItemError,
    Rate,
    RatesInForce,
    Seconds,
    SeriesList,
    SeriesText,
    Text,
    Texts,
    Whole,
    found,
    read_numbers,
    read_text,
    read_whole,
    some,
    word_or_mapping,
)
from dryfit_fakes.protocols import Plain
from dryfit_fakes.script_values import UNKNOWN


class InterruptKeys(Keys):
    """Where a script breaks off, and with what."""

    alone = "epoch"

    epoch: Whole | None = None
    batch: Whole | None = None
    hook: Text | None = None
    raises: Text = "KeyboardInterrupt"


class DiskKeys(Keys):
    """Which file of weights cannot be written, and how that fails."""

    alone = "fails"

    fails: words("full", "read_only", "torn")  # type: ignore[valid-type]
    at_write: Whole = 0
    after_bytes: Whole | None = None


def _by_rank(kind: Any) -> Any:
    """One of a kind for all ranks, or a list of one for each."""
    return list_or(kind, kind)


_BY_RANK = ("metrics", "batch_metrics", "batch_logs")
MAX_RANKS = 1_000


def _read_batches(data: Sourced) -> int | str:
    if isinstance(data, Scalar) and data.text == UNKNOWN:
        return UNKNOWN
    try:
        return read_whole(data)
    except ValueError as error:
        raise ValueError(str(error).replace(", found", f", or {UNKNOWN}, found")) from None


Batches = Annotated[
    Any,
    BeforeValidator(_read_batches),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"const": UNKNOWN}]}),
]


class ScriptKeys(Keys):
    """What the run reports."""

    ranks: Whole | None = None
    epochs: Whole | None = None
    batches: Batches | None = None
    val_batches: Batches | None = None
    learning_rate: Rate = None
    optimizers: dict[str, Rate] = {}
    late_optimizers: Flag = False
    rates: RatesInForce = None
    metrics: _by_rank(dict[str, SeriesText]) = {}  # type: ignore[valid-type]
    batch_metrics: _by_rank(dict[str, SeriesList]) = {}  # type: ignore[valid-type]
    batch_logs: _by_rank(dict[str, SeriesList]) = {}  # type: ignore[valid-type]
    directions: dict[str, words("up", "down")] = {}  # type: ignore[valid-type]
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
    warnings: words("error") | None = None  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _one_for_each_rank(self) -> "ScriptKeys":
        if self.ranks is not None and not 2 <= self.ranks <= MAX_RANKS:
            raise ValueError(f"ranks is 2 to {MAX_RANKS:,}, not {self.ranks}")
        for name in _BY_RANK:
            value = getattr(self, name)
            if not isinstance(value, list) or len(value) == self.ranks:
                continue
            told = "there is no ranks" if self.ranks is None else f"ranks is {self.ranks}"
            raise ValueError(
                f"{name} is a list of {len(value)}, one for each rank, and {told}; write "
                f"ranks: {max(2, len(value))}, or one mapping for all"
            )
        return self

    def by_rank(self) -> "tuple[ScriptKeys, ...]":
        """The keys of each rank; of a script without ranks they are alone."""
        if self.ranks is None:
            return (self,)
        lists = [name for name in _BY_RANK if isinstance(getattr(self, name), list)]
        return tuple(
            self.model_copy(
                update={"ranks": None} | {name: getattr(self, name)[rank] for name in lists}
            )
            for rank in range(self.ranks)
        )


# Keys of a script whose own keys are names that somebody chose, and never `import` or the like.
BY_NAME = ("optimizers", "metrics", "batch_metrics", "batch_logs", "directions")


class Settings(Keys):
    """How is compared, and not what."""

    tolerance: words("exact") | None = None  # type: ignore[valid-type]
    accepted: Flag = False


SETTINGS = tuple(Settings.model_fields)

if TYPE_CHECKING:

    class Expect(Settings):
        """What must come of a call; only what is named is checked."""

        def __getattr__(self, name: str) -> Any: ...

else:
    Expect = create_model(
        "Expect",
        __base__=Keys,
        __doc__="What must come of a call; only what is named is checked.",
        **{fact.name: (fact.type | None, None) for fact in FACTS},
        **{name: (field.annotation, field) for name, field in Settings.model_fields.items()},
    )


def _callback_items(data: Sourced, at: Key = ()) -> list[tuple[str, dict[str, Plain]]]:
    """Each item is a name, or a name with arguments."""
    if not isinstance(data, list):
        raise ValueError(
            f"expected a list of callbacks, found {found(data)}; write - before each callback"
        )
    items: list[tuple[str, dict[str, Plain]]] = []
    for index, item in enumerate(data):
        if isinstance(item, Scalar):
            if item.value is None:
                raise ItemError((*at, index), "nothing stands behind the -; a callback is a name")
            items.append((read_text(item), {}))
        elif isinstance(item, dict) and len(item) == 1:
            ((name, arguments),) = item.items()
            if isinstance(arguments, Scalar) and arguments.value is None:
                arguments = {}
            if not isinstance(arguments, dict):
                told = f"{name} takes a mapping of arguments, found {found(arguments)}"
                told = f"{told}; write {name}: {{{_as_arguments(arguments)}}}"
                raise ItemError((*at, index), told)
            items.append((name, {key: plain(item) for key, item in arguments.items()}))
        else:
            told = "a callback is a name, or one name with its arguments: {Name: {...}}"
            if isinstance(item, dict) and item:
                told += (
                    f"; {' and '.join(item)} stand beside each other: indent arguments deeper "
                    "than the name, and write - before each callback"
                )
            raise ItemError((*at, index), _too_far_left(item) or told)
    return items


def _as_arguments(written: Sourced) -> str:
    """How arguments that are no mapping would be written, as far as that can be told."""
    if isinstance(written, Scalar):
        name, equals, value = written.text.partition("=")
        return f"{name.strip()}: {value.strip()}" if equals and value else "argument: value"
    pairs = [pair for item in written if isinstance(item, dict) for pair in item.items()]
    told = [f"{key}: {value.text}" for key, value in pairs if isinstance(value, Scalar)]
    return ", ".join(told) if told and len(told) == len(written) else "argument: value"


def _too_far_left(item: Sourced) -> str:
    """Say so of arguments that are indented as the name which they are for."""
    if not isinstance(item, dict) or not item:
        return ""
    (name, nothing), *others = item.items()
    if not (isinstance(nothing, Scalar) and nothing.value is None):
        return ""
    arguments = {key: plain(value) for key, value in others}
    stand = "stand" if len(others) > 1 else "stands"
    them = "them" if len(others) > 1 else "it"
    return (
        f"{' and '.join(map(repr, arguments))} {stand} beside {name}, not below it: "
        f"indent {them} by two more, or write {flow(arguments)}"
    )


_CALLBACK_SCHEMA = {
    "anyOf": [{"type": "string"}, {"type": "object", "minProperties": 1, "maxProperties": 1}]
}
Callbacks = Annotated[
    list[tuple[str, dict[str, Any]]],
    BeforeValidator(_callback_items),
    WithJsonSchema({"type": "array", "items": _CALLBACK_SCHEMA}),
]


def _callbacks_by_rank(data: Sourced) -> Sourced:
    """Where every item is a list, it is that of a rank."""
    if isinstance(data, list) and data and all(isinstance(item, list) for item in data):
        return [_callback_items(item, (rank,)) for rank, item in enumerate(data)]  # type: ignore[misc]
    return _callback_items(data)  # type: ignore[return-value]


CallbacksByRank = Annotated[
    list[Any],
    BeforeValidator(_callbacks_by_rank),
    WithJsonSchema(
        {
            "anyOf": [
                (_listed := {"type": "array", "items": _CALLBACK_SCHEMA}),
                {"type": "array", "items": _listed},
            ]
        }
    ),
]


def _function(what: str) -> Any:
    """The type of a key that names a function."""

    def read(data: Sourced) -> str:
        text = read_text(data)
        module, colon, name = text.partition(":")
        if not (colon and module and name):
            raise ValueError(f"expected module:function, {what}, found {text!r}")
        return text

    return Annotated[str, BeforeValidator(read)]


LoopName = _function("a training loop")
ModelName = _function("which makes a compiled model")
DataName = _function("which makes a batch (x, y)")


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

    call: words("fit", "evaluate", "predict")  # type: ignore[valid-type]
    script: ScriptKeys | None = None
    expect: Expect | None = None
    callbacks: words("same", "fresh") = "same"  # type: ignore[valid-type]
    model: Annotated[
        Literal["same", "fresh"] | LoadKeys, BeforeValidator(word_or_mapping("same", "fresh"))
    ] = "same"


class VariantKeys(Keys):
    """What differs from the scenario."""

    when: Text | None = None
    callbacks: CallbacksByRank | None = None
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
            list[words("fake", "real")],  # type: ignore[valid-type]
            BeforeValidator(lambda d: some(d) if isinstance(d, list) else [d]),
        ]
        | None
    ) = None
    differs: Text | None = None
    known_defect: KnownDefect | None = None
    variants: Annotated[dict[str, VariantKeys], BeforeValidator(some)] | None = None
    script: ScriptKeys | None = None
    calls: Annotated[list[CallKeys], BeforeValidator(some)] | None = None
    callbacks: CallbacksByRank | None = None
    loop: LoopName | None = None  # type: ignore[valid-type]
    model: ModelName | None = None  # type: ignore[valid-type]
    data: DataName | None = None  # type: ignore[valid-type]
    expect: Expect | None = None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of one scenario."""
    schema = ScenarioKeys.model_json_schema()
    expect = schema["$defs"]["Expect"]["properties"]
    for fact in FACTS:
        if fact.forms:
            expect[fact.name] = {"anyOf": [expect[fact.name], *fact.forms]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dryfit scenario",
        **schema,
    }
