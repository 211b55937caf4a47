"""Each backend's own calls, in modules that stand in for theirs, and which card it is."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from on_a_backend import CARD, python

from dryfit.lanes.devices import GraphicsCard, Jax, RefusedError, TensorFlow, Torch, nvidia_card


class TensorFlowConfig:
    """``tf.config`` with two GPUs."""

    LogicalDeviceConfiguration = SimpleNamespace

    def __init__(self, growth: bool | None = None, initialised: bool = False) -> None:
        self.experimental = SimpleNamespace(get_memory_growth=lambda gpu: growth)
        self._initialised = initialised
        self.configured: dict[str, Any] = {}

    def get_visible_devices(self, kind: str) -> list[str]:
        return [f"{kind}:0", f"{kind}:1"]

    def get_logical_device_configuration(self, gpu: str) -> Any:
        return self.configured.get(gpu)

    def set_logical_device_configuration(self, gpu: str, devices: list[Any]) -> None:
        if self._initialised:
            raise RuntimeError("Virtual devices cannot be modified after being initialized")
        self.configured[gpu] = devices


def limit_tensorflow(config: TensorFlowConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", SimpleNamespace(config=config))
    TensorFlow().limit(2048, CARD)


def test_tensorflow_has_a_logical_device_in_place_of_each_gpu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would take the others whole."""
    config = TensorFlowConfig()
    limit_tensorflow(config, monkeypatch)
    device = SimpleNamespace(memory_limit=2048)
    assert config.configured == {"GPU:0": [device], "GPU:1": [device]}


def test_tensorflow_is_left_as_the_suite_set_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory growth and logical devices are somebody's choice, and a device in use stays."""
    with pytest.raises(RefusedError, match="its memory growth was set before"):
        limit_tensorflow(TensorFlowConfig(growth=True), monkeypatch)
    with pytest.raises(RefusedError, match="TensorFlow has used the device before"):
        limit_tensorflow(TensorFlowConfig(initialised=True), monkeypatch)
    config = TensorFlowConfig()
    config.configured["GPU:1"] = ["mine"]
    with pytest.raises(RefusedError, match="its logical devices were configured before"):
        limit_tensorflow(config, monkeypatch)
    assert config.configured == {"GPU:1": ["mine"]}


def test_jax_has_a_fraction_until_its_first_use() -> None:
    """The variable that jaxlib reads is set, and nothing once it has been read."""
    code = (
        "import os, jax\n"
        "from dryfit.lanes.devices import GraphicsCard, Jax, RefusedError\n"
        "from jaxlib.xla_client import generate_pjrt_gpu_plugin_options\n"
        "Jax().limit(1024, GraphicsCard(0, 'Test Card', 4096))\n"
        "print(generate_pjrt_gpu_plugin_options()['memory_fraction'])\n"
        "del os.environ['XLA_PYTHON_CLIENT_MEM_FRACTION']\n"
        "jax.numpy.ones(1)\n"
        "try:\n"
        "    Jax().limit(1024, GraphicsCard(0, 'Test Card', 4096))\n"
        "except RefusedError as reason:\n"
        "    print(reason)\n"
    )
    assert python(code, "jax").splitlines() == ["0.25", "jax has used the device before"]


@pytest.mark.parametrize("name", ["XLA_PYTHON_CLIENT_MEM_FRACTION", "XLA_CLIENT_MEM_FRACTION"])
def test_jax_keeps_a_fraction_that_the_environment_sets(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under either of its names."""
    pytest.importorskip("jax")
    monkeypatch.setenv(name, ".5")
    with pytest.raises(RefusedError, match=f"^{name}=.5 is set"):
        Jax().limit(1024, CARD)


class TorchCuda:
    """``torch.cuda`` with one GPU that has 4096 MB."""

    def __init__(self, initialised: bool = False) -> None:
        self._initialised = initialised
        self.fractions: list[tuple[float, int]] = []

    def is_initialized(self) -> bool:
        return self._initialised

    def get_device_properties(self, index: int) -> Any:
        return SimpleNamespace(total_memory=4096 * 2**20)

    def set_per_process_memory_fraction(self, fraction: float, index: int) -> None:
        self.fractions.append((fraction, index))


def test_torch_has_a_fraction_of_what_it_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own size of the card counts; a device in use is left alone."""
    cuda = TorchCuda()
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    Torch().limit(1024, GraphicsCard())
    with pytest.raises(ValueError, match="a limit of 4097 MB is more than GPU 0"):
        Torch().limit(4097, GraphicsCard())
    assert cuda.fractions == [(0.25, 0)]
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=TorchCuda(initialised=True)))
    with pytest.raises(RefusedError, match="torch has used the device before"):
        Torch().limit(1024, GraphicsCard())


BIG = "GPU-1b, 143771, Disabled, NVIDIA H200"
SMALL = "GPU-2c, 16384, [N/A], Tesla T4"


@pytest.mark.parametrize(
    ("rows", "environment", "card"),
    [
        ([BIG], {}, GraphicsCard(0, "NVIDIA H200", 143771)),
        ([BIG, BIG], {}, GraphicsCard(0, "NVIDIA H200", 143771)),
        ([BIG, SMALL], {}, GraphicsCard()),
        ([BIG, SMALL], {"CUDA_VISIBLE_DEVICES": "1"}, GraphicsCard()),
        (
            [BIG, SMALL],
            {"CUDA_VISIBLE_DEVICES": "1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"},
            GraphicsCard(0, "Tesla T4", 16384),
        ),
        (
            [BIG, SMALL],
            {"CUDA_VISIBLE_DEVICES": "GPU-2c,GPU-1b"},
            GraphicsCard(0, "Tesla T4", 16384),
        ),
        ([BIG], {"CUDA_VISIBLE_DEVICES": "MIG-3d"}, GraphicsCard()),
        ([BIG.replace("Disabled", "Enabled")], {}, GraphicsCard(0, "NVIDIA H200", None)),
        (["GPU-4e, [N/A], [N/A], NVIDIA GB10"], {}, GraphicsCard(0, "NVIDIA GB10", None)),
        ([], {}, GraphicsCard()),
    ],
)
def test_nvidia_smi_tells_the_card_unless_it_is_in_doubt(
    rows: list[str],
    environment: dict[str, str],
    card: GraphicsCard,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Cards that differ are told apart by id or by an order that both agree on."""
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\n" + "".join(f"echo '{row}'\n" for row in rows))
    program.chmod(0o755)
    for name in ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"PATH": str(tmp_path), **environment}.items():
        monkeypatch.setenv(name, value)
    assert nvidia_card() == card


def test_without_nvidia_smi_the_size_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is guessed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert nvidia_card(1) == GraphicsCard(1)
