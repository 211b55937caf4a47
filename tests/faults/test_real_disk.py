"""A real disk that takes no more, as a process meets it that may write files of K bytes.

The fake's `disk` is held against it: a write that does not fit never looks like
one that did, and what is left cannot be loaded.
"""

import json
from contextlib import chdir
from pathlib import Path

import pytest
from ready_python import python

pytest.importorskip("resource", reason="limits are those of POSIX")

SAVING = """
import json, os, resource, signal, sys
import keras

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)])
model.compile("sgd", "mse")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
ended = {}
for name in ("whole.weights.h5", "whole.keras"):
    save = model.save_weights if "weights" in name else model.save
    save(name)
    for limit in (0, 1000, 8000, 12000):
        child = os.fork()
        if not child:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            code = 0
            try:
                save(name.replace("whole", str(limit)))
            except OSError as error:
                code = error.errno
            os._exit(code)
        _, status = os.waitpid(child, 0)
        ended[f"{limit} {name}"] = os.waitstatus_to_exitcode(status)
print(json.dumps(ended))
"""


def test_a_save_that_does_not_fit_is_an_error_or_the_end_of_the_process(tmp_path: Path) -> None:
    """`.keras` files give EFBIG at any length. HDF5 crashes the process where its buffer fails."""
    with chdir(tmp_path):
        codes = json.loads(python("-c", SAVING).stdout.splitlines()[-1])
    efbig, crash = 27, -11
    assert {codes[f"{limit} whole.keras"] for limit in (0, 1000, 8000, 12000)} == {efbig}
    assert codes["0 whole.weights.h5"] == codes["12000 whole.weights.h5"] == efbig
    assert {codes[f"{limit} whole.weights.h5"] for limit in (1000, 8000)} <= {efbig, crash}


def test_what_is_left_of_a_torn_file_is_not_loaded(tmp_path: Path) -> None:
    """A whole file cut anywhere is refused, never half a model."""
    import keras

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)])
    model.compile("sgd", "mse")
    whole = tmp_path / "whole.weights.h5"
    model.save_weights(whole)
    torn = tmp_path / "torn.weights.h5"
    for size in range(0, whole.stat().st_size, 997):
        torn.write_bytes(whole.read_bytes()[:size])
        with pytest.raises(OSError, match="Unable to synchronously open file"):
            model.load_weights(torn)
