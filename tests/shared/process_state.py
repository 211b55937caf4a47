"""The state of a process, and a callback that leaves all of it changed."""

import builtins
import gc
import logging
import os
import random
import signal
import sys
import tempfile
import threading
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
from matplotlib import pyplot

VANDAL = """
import builtins, gc, logging, os, random, signal, sys, warnings
import keras
import numpy as np
from matplotlib import pyplot

class Vandal(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        pyplot.figure()
        os.environ["VANDAL"] = "was here"
        os.environ.pop("HOME", None)
        os.mkdir("elsewhere")
        os.chdir("elsewhere")
        sys.path.insert(0, "/vandal")
        sys.setrecursionlimit(5000)
        sys.excepthook = print
        sys.stdout = sys.stderr = None
        gc.disable()
        gc.set_threshold(1)
        sys.setprofile(None)
        sys.settrace(lambda *_: None)
        builtins.open = None
        random.seed(7)
        np.random.seed(7)
        warnings.filterwarnings("ignore", message="vandal")
        warnings.showwarning = print
        logging.getLogger().addHandler(logging.NullHandler())
        logging.getLogger().setLevel(7)
        logging.disable(50)
        signal.signal(signal.SIGUSR1, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 1000)
        os.close(0)
        os.close(2)
        keras.config.set_floatx("float16")
        keras.config.set_epsilon(0.5)
        keras.config.disable_interactive_logging()
"""


def whole_state() -> dict[str, Any]:
    """Everything that is the process' own, and not a play's."""
    numbers = np.random.get_state()
    return {
        "folder": Path.cwd(),
        "environment": dict(os.environ),
        "path": list(sys.path),
        "own modules": "vandals" in sys.modules,
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "hooks": (sys.excepthook, sys.gettrace(), sys.getprofile(), threading.gettrace()),
        "limit": sys.getrecursionlimit(),
        "collects": (gc.isenabled(), gc.get_threshold()),
        "open": builtins.open,
        "random": random.getstate(),
        "numpy": (numbers[0], tuple(numbers[1]), *numbers[2:]),
        "filters": list(warnings.filters),
        "showwarning": warnings.showwarning,
        "logging": (list(logging.getLogger().handlers), logging.getLogger().level),
        "disabled": logging.getLogger().manager.disable,
        "signals": {n: signal.getsignal(n) for n in signal.valid_signals()},
        "timer": signal.getitimer(signal.ITIMER_REAL),
        "descriptors": {name: _target(name) for name in os.listdir("/proc/self/fd")},
        "figures": pyplot.get_fignums(),
        "threads": set(threading.enumerate()),
        "keras": (keras.config.floatx(), keras.config.epsilon()),
        "interactive": keras.config.is_interactive_logging_enabled(),
        "temporary": sorted(Path(tempfile.gettempdir()).glob(f"dryfit-{os.getpid()}-*")),
    }


def _target(name: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{name}")
    except OSError:  # of listdir itself
        return ""
