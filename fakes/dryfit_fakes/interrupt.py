"""Interrupt: where a script breaks a run off."""

from dataclasses import dataclass
from typing import Literal

from dryfit_fakes.script_values import ScriptError


@dataclass(frozen=True, kw_only=True)
class Interrupt:
    """Where a script breaks a run off, and with what.

    Attributes:
        raises: the exception's class or instance; or ``"kill"``, which kills the
            process that plays the script, where that is allowed.
        epoch: the epoch in which it is raised; ``None`` means the first time.
        batch: the batch; ``None`` means at the epoch's begin.
        hook: the hook; by default in the step, after every callback's
            ``on_train_batch_begin`` and before the weights change.
    """

    raises: type[BaseException] | BaseException | Literal["kill"] = KeyboardInterrupt
    epoch: int | None = None
    batch: int | None = None
    hook: str | None = None

    def __post_init__(self) -> None:
        kind = self.raises if isinstance(self.raises, type) else type(self.raises)
        if self.raises != "kill" and not issubclass(kind, BaseException):
            raise ScriptError(
                f"interrupt.raises is an exception, its class or 'kill', not {self.raises!r}"
            )

    @property
    def kills(self) -> bool:
        """Whether the process is killed, without a chance to tell anyone."""
        return self.raises == "kill"

    @property
    def place(self) -> str:
        """The hook after whose callbacks the exception is raised."""
        if self.hook is not None:
            return self.hook
        return "on_epoch_begin" if self.batch is None else "on_train_batch_begin"
