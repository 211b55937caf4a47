"""The GPU behind each Keras backend: which card it is, and how its memory is limited.

Finding a card leaves the device alone, so that a limit can still be set.
"""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol


class RefusedError(Exception):
    """A backend's reason why it takes no limit any more."""


class TooMuchError(ValueError):
    """A limit above what the card has."""

    def __init__(self, megabytes: int, card: "GraphicsCard") -> None:
        most = "" if card.megabytes is None else f"; ask for at most {card.megabytes}"
        super().__init__(f"a limit of {megabytes} MB is more than {card} has{most}")


@dataclass(frozen=True)
class GraphicsCard:
    """A GPU; its size is ``None`` where it cannot be told."""

    index: int = 0
    name: str = ""
    megabytes: int | None = None

    def __str__(self) -> str:
        size = "size unknown" if self.megabytes is None else f"{self.megabytes} MB"
        return f"GPU {self.index} ({', '.join(filter(None, (self.name, size)))})"


class Backend(Protocol):
    """What the real lane asks of TensorFlow, jax and torch."""

    name: str

    def card(self) -> GraphicsCard | None:
        """Find the GPU that Keras will use; ``None`` on the CPU."""

    def limit(self, megabytes: int, card: GraphicsCard) -> None:
        """Limit what will be allocated, or raise `RefusedError` or `TooMuchError`."""


class TensorFlow:
    """A logical device with ``memory_limit`` in place of each visible GPU."""

    name = "tensorflow"

    def card(self) -> GraphicsCard | None:
        """Find it among those that are visible to TensorFlow."""
        import tensorflow as tf

        return nvidia_card() if tf.config.get_visible_devices("GPU") else None

    def limit(self, megabytes: int, card: GraphicsCard) -> None:
        """Limit every visible GPU: Keras uses the first, but TensorFlow takes them all."""
        from tensorflow import config

        gpus = config.get_visible_devices("GPU")
        for gpu in gpus:
            if config.get_logical_device_configuration(gpu):
                raise RefusedError("its logical devices were configured before")
            if config.experimental.get_memory_growth(gpu):
                raise RefusedError("its memory growth was set before")
        device = config.LogicalDeviceConfiguration(memory_limit=megabytes)
        try:
            for gpu in gpus:
                config.set_logical_device_configuration(gpu, [device])
        except RuntimeError:
            raise RefusedError("TensorFlow has used the device before") from None


class Jax:
    """The fraction of the memory that jax reads from the environment at its first use.

    Of its two names, ``XLA_PYTHON_CLIENT_MEM_FRACTION`` is the one that every jaxlib
    from 0.4.30 on reads; both together are an error there
    (``generate_pjrt_gpu_plugin_options``, jaxlib/xla_client.py, 0.10.2).
    """

    name = "jax"

    def card(self) -> GraphicsCard | None:
        """Find it as jax does, which cannot be asked: it would use the device."""
        import jax

        platforms = set((jax.config.jax_platforms or "cuda").split(","))
        # has_visible_nvidia_gpu, jax/_src/hardware_utils.py, 0.10.2
        nodes = ("/dev/nvidia0", "/dev/nvidiactl", "/dev/dxg")
        there = any(Path(node).exists() for node in nodes) and _visible() not in ("", "-1")
        return nvidia_card() if there and platforms & {"cuda", "gpu"} and _jax_plugin() else None

    def limit(self, megabytes: int, card: GraphicsCard) -> None:
        """Set the fraction, if jax has not read it yet."""
        from jax._src import xla_bridge  # nothing public tells it without using the device

        names = ("XLA_PYTHON_CLIENT_MEM_FRACTION", "XLA_CLIENT_MEM_FRACTION")
        for name in names:
            if fraction := os.environ.get(name):
                raise RefusedError(f"{name}={fraction} is set")
        if xla_bridge.backends_are_initialized():
            raise RefusedError("jax has used the device before")
        if card.megabytes is None:
            raise RefusedError("jax takes a fraction, and nvidia-smi does not tell of what")
        os.environ[names[0]] = str(megabytes / card.megabytes)


class Torch:
    """The memory fraction of the process.

    torch takes one at any time, but what is allocated stays allocated: it is too
    late where it is with the others.
    """

    name = "torch"

    def card(self) -> GraphicsCard | None:
        """Find it as Keras does (keras/src/backend/torch/core.py, 3.15.1)."""
        import torch

        device = torch.device(os.environ.get("KERAS_TORCH_DEVICE", "cuda"))
        cuda = device.type == "cuda" and torch.cuda.is_available()
        return nvidia_card(device.index or 0) if cuda else None

    def limit(self, megabytes: int, card: GraphicsCard) -> None:
        """Set the fraction, which initialises CUDA in this process."""
        from torch import cuda

        if cuda.is_initialized():
            raise RefusedError("torch has used the device before")
        fraction = megabytes * 2**20 / cuda.get_device_properties(card.index).total_memory
        if fraction > 1:
            raise TooMuchError(megabytes, card)
        cuda.set_per_process_memory_fraction(fraction, card.index)


BACKENDS: dict[str, Callable[[], Backend]] = {
    "tensorflow": TensorFlow,
    "jax": Jax,
    "torch": Torch,
}


def _visible() -> str | None:
    return os.environ.get("CUDA_VISIBLE_DEVICES")


def _jax_plugin() -> bool:
    """Whether jax can use CUDA at all: its plugin is a package of its own."""
    plugins = find_spec("jax_plugins")
    places = plugins.submodule_search_locations if plugins else None
    return any("cuda" in module.name for module in iter_modules(places or []))


def nvidia_card(index: int = 0) -> GraphicsCard:
    """What nvidia-smi tells of a visible card; no size where that is in doubt.

    nvidia-smi goes by the bus, CUDA has the fastest card first: where cards differ,
    only an id or ``CUDA_DEVICE_ORDER`` says which is meant. And a MIG instance has a
    part of its card's memory.
    """
    command = ["nvidia-smi", "--query-gpu=uuid,memory.total,mig.mode.current,name"]
    command += ["--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(  # noqa: S603  # nothing in it is a user's
            command, capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return GraphicsCard(index)
    rows = [line.split(", ", 3) for line in told.stdout.splitlines()]
    visible = _visible()
    chosen = str(index) if visible is None else "".join(visible.split(",")[index : index + 1])
    if not chosen.isdigit():
        rows = [row for row in rows if row[0].startswith(chosen)]
    elif os.environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID":
        rows = rows[int(chosen) : int(chosen) + 1]
    kinds = {tuple(row[1:]) for row in rows}
    if len(kinds) != 1:
        return GraphicsCard(index)
    size, mig, name = kinds.pop()
    return GraphicsCard(index, name, int(size) if size.isdigit() and mig != "Enabled" else None)
