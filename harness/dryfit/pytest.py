"""The types of what the fixtures hand to a test, for annotations.

Names load on first use: a test module that imports this loads neither Keras nor
numpy.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Unpack

from dryfit_fakes.lazy import lazily

if TYPE_CHECKING:
    from dryfit.check import Card
    from dryfit.lanes.fake import ScriptedModel
    from dryfit.lanes.several_ranks import Scripts
    from dryfit.run.run import Run
    from dryfit.tools.bench.cost import Cost
    from dryfit.tools.bench.overhead import Overhead
    from dryfit_fakes.clock import VirtualClock
    from dryfit_fakes.protocols import Batch, Callback, Callbacks, Loop, RealModel
    from dryfit_fakes.script import Script
    from dryfit_fakes.script_keywords import Lane, Method, ScriptKeywords

__all__ = [
    "CallbackOverhead",
    "CheckCallback",
    "Cost",
    "Lane",
    "MakeScriptedModel",
    "Overhead",
    "ScriptedFit",
    "ScriptedLoop",
    "VirtualClock",
]

__getattr__, __dir__ = lazily(
    __name__,
    {
        "dryfit.tools.bench.cost": ("Cost",),
        "dryfit.tools.bench.overhead": ("Overhead",),
        "dryfit_fakes.clock": ("VirtualClock",),
        "dryfit_fakes.script_keywords": ("Lane",),
    },
)


class ScriptedFit(Protocol):
    """What ``scripted_fit`` is: `dryfit.play`, whose runs a failing test shows."""

    def __call__(
        self,
        script: "Scripts",
        callbacks: "Callbacks | Callable[[int], Callbacks]" = None,
        *,
        lane: "Lane" = "fake",
        model: "RealModel | None" = None,
        ranks: int | None = None,
        after: "Run | None" = None,
        call: "Method" = "fit",
        loop: "Loop | None" = None,
        load: str | None = None,
        data: "Batch | None" = None,
        record_batches: bool = True,
        wall_time_s: float = ...,
        **script_keys: "Unpack[ScriptKeywords]",
    ) -> "Run":
        """Play a script to callbacks."""


class ScriptedLoop(Protocol):
    """What ``scripted_loop`` is: `dryfit.play` with a training loop in place of ``fit``."""

    def __call__(
        self,
        function: "Loop",
        script: "Script | Mapping[str, Any]",
        callbacks: "Callbacks" = None,
        *,
        lane: "Lane" = "fake",
        model: "RealModel | None" = None,
        after: "Run | None" = None,
        load: str | None = None,
        data: "Batch | None" = None,
        record_batches: bool = True,
        wall_time_s: float = ...,
        **script_keys: "Unpack[ScriptKeywords]",
    ) -> "Run":
        """Play a script to callbacks through a loop."""


class MakeScriptedModel(Protocol):
    """What ``scripted_model`` is."""

    def __call__(
        self,
        script: "Script | Mapping[str, Any]",
        *,
        model: "RealModel | None" = None,
        **keys: "Unpack[ScriptKeywords]",
    ) -> "ScriptedModel":
        """Make a model that follows a script."""


class CallbackOverhead(Protocol):
    """What ``callback_overhead`` is."""

    def __call__(
        self, callback: "Callback | Callable[[], Callback]", *, batches: int = ...
    ) -> "Overhead":
        """Measure what a callback costs per batch."""


class CheckCallback(Protocol):
    """What ``check_callback`` is: `dryfit.check.check_callback`."""

    def __call__(
        self,
        callback: "str | Callable[..., Callback]",
        /,
        *arguments: object,
        check_model: "Callable[[], RealModel] | None" = None,
        check_data: "Callable[[], Batch] | None" = None,
        check_metrics: Sequence[str] = (),
        check_raises: type[BaseException] | tuple[type[BaseException], ...] = (),
        check_seed: int = 0,
        **keywords: object,
    ) -> "Card":
        """Play the battery to a callback and return its card."""
