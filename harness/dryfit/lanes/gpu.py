"""The memory limit of the real lane's GPU, set before anything uses the device.

The lane's networks are small, and a backend left alone takes most of a card:
without a word it gets 1024 MB, as in the tutorial of `dryfit.demo`. A
limit holds for the process, and for what the backend allocates; CUDA's own needs
come on top. 1 MB is 2**20 bytes.
"""

from functools import cache, cached_property

from dryfit.lanes.devices import BACKENDS, Backend, GraphicsCard, RefusedError, TooMuchError
from dryfit_fakes.backend import keras

DEFAULT_MB = 1024

_asked: int | None = None


class GpuLimitError(RuntimeError):
    """A limit that was asked for cannot be set any more."""


def limit_gpu_memory(megabytes: int | None = None) -> str:
    """Limit the memory of the GPU that the real lane plays on.

    Every play in the real lane calls this; only the first call does something.

    Args:
        megabytes: the limit. Without it, what `ask_for` was told, or else 1024 if
            nothing has used or configured the device yet, and no limit if something has.

    Returns:
        Where the real lane plays, and with which limit, for a report's header: ``real lane:
        tensorflow on GPU 0 (NVIDIA H200, 143771 MB), limited to 1024 MB``.

    Raises:
        ValueError: that is no whole number of MB, or more than the card has.
        GpuLimitError: the limit was asked for too late.
    """
    return _limiter().limit(_asked if megabytes is None else checked(megabytes))


def planned_limit() -> str:
    """Say what `limit_gpu_memory` will do, for a process that does not play itself."""
    return _limiter().plan(_asked)


def there_is_one() -> bool:
    """Whether the backend has a GPU, for what must not be the first to use it."""
    return _limiter().card is not None


def ask_for(megabytes: int | str | None) -> None:
    """Set the limit that later plays ask for, as an option's text or a number."""
    global _asked
    _asked = None if megabytes is None else checked(megabytes)


def asked() -> int | None:
    """The limit that later plays ask for, for processes that play in place of this one."""
    return _asked


def checked(megabytes: object) -> int:
    """Return a limit as a number, or raise a `ValueError` that says what it must be."""
    value = megabytes
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(
            f"the GPU memory limit is {megabytes!r}; it must be a whole number of MB "
            "from 1 on, such as 1024"
        )
    return value


class Limiter:
    """The one limit of a process."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._said = ""
        self._limit: int | None = None

    @cached_property
    def card(self) -> GraphicsCard | None:
        """The GPU; it stays the same."""
        return self._backend.card()

    def plan(self, megabytes: int | None) -> str:
        """Say what `limit` will do, and leave the device alone."""
        if self.card is None:
            vain = "" if megabytes is None else ": there is no GPU to limit"
            return f"real lane: {self._backend.name} on the CPU, memory unlimited{vain}"
        size = self.card.megabytes
        if megabytes is not None and size is not None and megabytes > size:
            raise TooMuchError(megabytes, self.card)
        return self._on(self.card, f"limited to {_or_default(megabytes, self.card)} MB")

    def limit(self, megabytes: int | None) -> str:
        """Set the limit, if none is set yet, and say what was done."""
        if self._said and megabytes in (None, self._limit):
            return self._said
        said = self.plan(megabytes)
        if self.card is None:
            return said
        wanted = _or_default(megabytes, self.card)
        try:
            if self._limit is not None:
                raise RefusedError(f"it is limited to {self._limit} MB already")
            self._backend.limit(wanted, self.card)
            self._limit = wanted
        except RefusedError as reason:
            if megabytes is not None:
                raise _too_late(megabytes, self.card, reason) from None
            said = self._on(self.card, f"memory not limited by dryfit: {reason}")
        self._said = said
        return said

    def _on(self, card: GraphicsCard, what: str) -> str:
        return f"real lane: {self._backend.name} on {card}, {what}"


@cache
def _limiter() -> Limiter:
    return Limiter(BACKENDS[keras.backend.backend()]())


def _or_default(megabytes: int | None, card: GraphicsCard) -> int:
    if megabytes is not None:
        return megabytes
    return DEFAULT_MB if card.megabytes is None else min(DEFAULT_MB, card.megabytes)


def _too_late(megabytes: int, card: GraphicsCard, reason: RefusedError) -> GpuLimitError:
    return GpuLimitError(
        f"the memory of {card} cannot be limited to {megabytes} MB: {reason}.\n"
        "Ask before anything uses or configures the device: pytest --dryfit-gpu-memory-limit MB, "
        "dryfit run --gpu-memory-limit MB,\n"
        "or dryfit.lanes.gpu.limit_gpu_memory(MB) at the top of conftest.py; "
        "or leave the limit out."
    )
