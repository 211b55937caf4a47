"""The memory limit of the real lane's GPU: what it says, what it refuses, and that it holds."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import ready_python
from on_a_backend import CARD, python

from dryfit.cli import main
from dryfit.lanes import gpu
from dryfit.lanes.devices import GraphicsCard, RefusedError
from dryfit.lanes.gpu import GpuLimitError, Limiter

BACKENDS = ("tensorflow", "jax", "torch")


ON_CARD = "real lane: tensorflow on GPU 0 (Test Card, 4096 MB), "


SCENARIO = """
name: two bad epochs are enough
script: {metrics: {val_loss: .9 .5 .6x4}}
callbacks: [EarlyStopping: {patience: 2}]
expect: {stopped: {epoch: 3, by: EarlyStopping}}
"""


@pytest.fixture(autouse=True)
def _nothing_asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    yield
    gpu.ask_for(None)


# That it holds: on a GPU.

PROOF = """
import json
from dryfit.lanes.gpu import limit_gpu_memory

said = limit_gpu_memory(512)
{uses}

def error(megabytes):
    try:
        allocate(megabytes)
    except Exception as error:
        return f"{{type(error).__name__}}: {{error}}"

gpu = has_gpu()
print(json.dumps([said, gpu, error(256) if gpu else "", error(768) if gpu else ""]))
"""


USES = {
    "tensorflow": """
import tensorflow as tf
has_gpu = lambda: bool(tf.config.list_logical_devices("GPU"))
def allocate(megabytes):
    with tf.device("GPU:0"):
        return tf.ones((megabytes, 2**18))
""",
    "jax": """
import jax
has_gpu = lambda: jax.devices()[0].platform == "gpu"
allocate = lambda megabytes: jax.numpy.ones((megabytes, 2**18), "float32").block_until_ready()
""",
    "torch": """
import torch
has_gpu = torch.cuda.is_available
allocate = lambda megabytes: torch.ones((megabytes, 2**18), device="cuda")
""",
}


@pytest.mark.parametrize("backend", BACKENDS)
def test_on_a_gpu_an_allocation_over_the_limit_fails_and_one_under_it_does_not(
    backend: str,
) -> None:
    """Of 512 MB, 256 can be had and 768 cannot; whether there is a GPU, the backend says."""
    printed = python(PROOF.format(uses=USES[backend]), backend)
    said, has_gpu, under, over = json.loads(printed.splitlines()[-1])
    if not has_gpu:
        assert "on the CPU" in said
        pytest.skip(f"needs a GPU; {said}")
    assert re.fullmatch(rf"real lane: {backend} on GPU 0 \(.*\), limited to 512 MB", said)
    assert under is None
    assert re.search("(?i)out of memory|exhausted", over), over


# What it says, and what it refuses.


@pytest.mark.parametrize("backend", BACKENDS)
def test_without_a_gpu_it_says_so(backend: str) -> None:
    """On the CPU nothing is limited, and asking for it is no error."""
    code = (
        "from dryfit.lanes.gpu import limit_gpu_memory, planned_limit\n"
        "print(limit_gpu_memory(), limit_gpu_memory(2048), planned_limit(), sep='\\n')"
    )
    cpu = f"real lane: {backend} on the CPU, memory unlimited"
    said = python(code, backend, CUDA_VISIBLE_DEVICES="-1").splitlines()
    assert said == [cpu, f"{cpu}: there is no GPU to limit", cpu]


class OnGpu:
    """A backend on a GPU; ``busy`` is why it takes no limit."""

    name = "tensorflow"

    def __init__(self, card: GraphicsCard = CARD, busy: str = "") -> None:
        self._card, self._busy = card, busy
        self.limits: list[int] = []

    def card(self) -> GraphicsCard:
        return self._card

    def limit(self, megabytes: int, card: GraphicsCard) -> None:
        if self._busy:
            raise RefusedError(self._busy)
        self.limits.append(megabytes)


@pytest.mark.parametrize(
    ("card", "asked", "limit"),
    [
        (CARD, None, 1024),
        (CARD, 2048, 2048),
        (CARD, 4096, 4096),
        (GraphicsCard(0, "Test Card", 512), None, 512),
        (GraphicsCard(), 8192, 8192),
    ],
)
def test_the_limit_is_1024_mb_or_what_was_asked_for(
    card: GraphicsCard, asked: int | None, limit: int
) -> None:
    """A smaller card has its own size, and a card of unknown size is taken at its word."""
    backend = OnGpu(card)
    said = Limiter(backend).limit(asked)
    assert said == f"real lane: tensorflow on {card}, limited to {limit} MB"
    assert backend.limits == [limit]


def test_a_card_of_unknown_size_is_said_to_be_one() -> None:
    """The check against its size is left out, and the header shows it."""
    assert Limiter(OnGpu(GraphicsCard())).plan(8192) == (
        "real lane: tensorflow on GPU 0 (size unknown), limited to 8192 MB"
    )


def test_every_later_play_hears_what_the_first_one_did() -> None:
    """The backend is asked once."""
    backend = OnGpu()
    limiter = Limiter(backend)
    said = [limiter.limit(2048), limiter.limit(None), limiter.limit(2048)]
    assert said == [f"{ON_CARD}limited to 2048 MB"] * 3
    assert backend.limits == [2048]


def test_a_plan_leaves_the_device_alone() -> None:
    """It says the same, and does nothing."""
    backend = OnGpu()
    assert Limiter(backend).plan(None) == f"{ON_CARD}limited to 1024 MB"
    assert backend.limits == []


def test_a_device_in_use_is_left_as_it_is_when_nobody_asked() -> None:
    """A suite that used its GPU first goes on with it."""
    limiter = Limiter(OnGpu(busy="TensorFlow has used the device before"))
    said = f"{ON_CARD}memory not limited by dryfit: TensorFlow has used the device before"
    assert [limiter.limit(None), limiter.limit(None)] == [said, said]


TOO_LATE = """\
the memory of GPU 0 (Test Card, 4096 MB) cannot be limited to 2048 MB: REASON.
Ask before anything uses or configures the device: pytest --dryfit-gpu-memory-limit MB, \
dryfit run --gpu-memory-limit MB,
or dryfit.lanes.gpu.limit_gpu_memory(MB) at the top of conftest.py; or leave the limit out."""


def test_asking_too_late_is_an_error_each_time() -> None:
    """Also after a play that did not ask."""
    limiter = Limiter(OnGpu(busy="TensorFlow has used the device before"))
    limiter.limit(None)
    for _ in range(2):
        with pytest.raises(GpuLimitError) as raised:
            limiter.limit(2048)
        message = TOO_LATE.replace("REASON", "TensorFlow has used the device before")
        assert str(raised.value) == message


def test_a_limit_that_is_set_does_not_change() -> None:
    """Another number is too late."""
    limiter = Limiter(OnGpu())
    limiter.limit(None)
    with pytest.raises(GpuLimitError) as raised:
        limiter.limit(2048)
    assert str(raised.value) == TOO_LATE.replace("REASON", "it is limited to 1024 MB already")


@pytest.mark.parametrize("ask", ["plan", "limit"])
def test_more_than_the_card_has_is_an_error(ask: str) -> None:
    """It says how much there is."""
    message = "a limit of 4097 MB is more than GPU 0 (Test Card, 4096 MB) has; ask for at most 4096"
    with pytest.raises(ValueError, match=re.escape(message)):
        getattr(Limiter(OnGpu()), ask)(4097)


@pytest.mark.parametrize("nonsense", [0, -1, 1.5, True, "1GB", "0", "-3", "1_000", "", " 7"])
def test_nonsense_is_an_error(nonsense: Any) -> None:
    """Also where there is no GPU."""
    with pytest.raises(ValueError, match=re.escape(f"is {nonsense!r}; it must be a whole number")):
        gpu.limit_gpu_memory(nonsense)


# The doors.


def test_dryfit_run_says_it_first_and_only_for_the_real_lane(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """JSON has no such line."""
    monkeypatch.setattr(gpu, "_limiter", lambda: Limiter(OnGpu()))
    (tmp_path / "it.scenario.yaml").write_text(SCENARIO)
    command = ["run", str(tmp_path), "--gpu-memory-limit", "2048"]
    assert main([*command, "--lane", "both"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"{ON_CARD}limited to 2048 MB"
    assert main([*command, "--lane", "fake"]) == 0
    assert "limited" not in capsys.readouterr().out
    assert main([*command, "--lane", "both", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2


@pytest.mark.parametrize("command", ["run", "trace"])
@pytest.mark.parametrize(
    ("megabytes", "message"),
    [("1GB", "the GPU memory limit is '1GB'"), ("4097", "a limit of 4097 MB is more than GPU 0")],
)
def test_dryfit_refuses_a_limit_that_cannot_be(
    command: str,
    megabytes: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit status 2, and nothing is played."""
    monkeypatch.setattr(gpu, "_limiter", lambda: Limiter(OnGpu()))
    path = tmp_path / "it.scenario.yaml"
    path.write_text(SCENARIO)
    words = [command, str(path), "--lane", "real", "--gpu-memory-limit", megabytes]
    assert main(words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"dryfit {command}: --gpu-memory-limit: {message}")


CONFTEST = """
    import os
    from dryfit.lanes.devices import BACKENDS, GraphicsCard, RefusedError

    class OnGpu:
        name = "tensorflow"

        def card(self):
            return GraphicsCard(0, "Test Card", 4096)

        def limit(self, megabytes, card):
            with open("limits.txt", "a") as file:
                print(os.environ.get("PYTEST_XDIST_WORKER", "parent"), megabytes, file=file)
            if BUSY:
                raise RefusedError("TensorFlow has used the device before")

    BACKENDS.update(dict.fromkeys(BACKENDS, OnGpu))
"""


TEST = """
    from dryfit.lanes.gpu import limit_gpu_memory

    def test_it():
        limit_gpu_memory()
"""


@pytest.fixture
def run_pytest(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., pytest.RunResult]:
    """Run a test beside the stand-in; xdist's workers on a backend that is quick to import."""
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)  # of the run that this test is in
    pytester.makepyfile(TEST)

    def run(*options: str, busy: bool = False) -> pytest.RunResult:
        pytester.makeconftest(CONFTEST.replace("BUSY", str(busy)))
        return ready_python.run_pytest(pytester, "-p", "no:cacheprovider", *options)

    return run


@pytest.mark.parametrize(
    ("options", "limit"),
    [
        (["--dryfit-lane", "both"], 1024),
        (["--dryfit-lane", "real", "--dryfit-gpu-memory-limit", "2048"], 2048),
        (["--dryfit-gpu-memory-limit", "2048"], 2048),
    ],
)
def test_pytest_limits_at_its_start_and_says_so(
    run_pytest: Callable[..., pytest.RunResult],
    pytester: pytest.Pytester,
    options: list[str],
    limit: int,
) -> None:
    """For the real lane, and for whoever asks."""
    result = run_pytest(*options)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"{ON_CARD}limited to {limit} MB"])
    assert (pytester.path / "limits.txt").read_text() == f"parent {limit}\n"


def test_pytest_without_the_real_lane_says_nothing(
    run_pytest: Callable[..., pytest.RunResult],
) -> None:
    """A suite that does not play in it does not care where it would."""
    run_pytest().stdout.no_fnmatch_line("real lane*")


def test_under_xdist_the_workers_are_limited_and_their_parent_is_not(
    run_pytest: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    """The parent plays nothing, and only says what they do."""
    pytest.importorskip("xdist")
    result = run_pytest("-n2", "--dryfit-lane", "real")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"{ON_CARD}limited to 1024 MB"])
    limits = (pytester.path / "limits.txt").read_text().splitlines()
    assert sorted(limits) == ["gw0 1024", "gw1 1024"]


@pytest.mark.parametrize(
    ("megabytes", "busy", "message"),
    [
        ("1GB", False, "the GPU memory limit is '1GB'; it must be a whole number of MB *"),
        ("4097", False, "a limit of 4097 MB is more than GPU 0 (Test Card, 4096 MB) has; *"),
        ("2048", True, "the memory of GPU 0 * to 2048 MB: TensorFlow has used the device *"),
    ],
)
def test_pytest_refuses_a_limit_that_cannot_be(
    run_pytest: Callable[..., pytest.RunResult], megabytes: str, busy: bool, message: str
) -> None:
    """A usage error before anything is collected."""
    result = run_pytest(f"--dryfit-gpu-memory-limit={megabytes}", busy=busy)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {message}"])


def test_a_worker_that_is_too_late_says_it_in_each_play(
    run_pytest: Callable[..., pytest.RunResult],
) -> None:
    """Its parent cannot know."""
    pytest.importorskip("xdist")
    result = run_pytest("-n1", "--dryfit-gpu-memory-limit=2048", busy=True)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *GpuLimitError: the memory of GPU 0 * cannot be limited *"])
