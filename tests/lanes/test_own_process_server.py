"""The process that forks for each job."""

import os
from typing import NoReturn

import pytest

from dryfit.lanes import own_process_server


def test_a_kernel_that_tells_no_end_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python has the call of Linux 5.3 where the kernel has not, and a sandbox may refuse it."""

    def refuses(process: int) -> NoReturn:
        raise OSError("not implemented")

    monkeypatch.setattr(os, "pidfd_open", refuses, raising=False)
    nothing, asks = os.pipe()
    process = os.posix_spawnp("false", ["false"], os.environ)
    try:
        assert own_process_server._ended(process, nothing) == 1
    finally:
        os.close(nothing)
        os.close(asks)
