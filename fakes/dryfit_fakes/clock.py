"""Time that moves only when the script moves it.

``time.time``, ``monotonic``, ``perf_counter`` and ``datetime.now``, as callbacks
see them, stand still between batches; freezegun is underneath. It looks through
every loaded module when it starts (a quarter of a second with TensorFlow), so it
starts only for a script that says how long things take.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dryfit_fakes.script import Script

START = "2000-01-01T00:00:00"
# Who keeps the real time: the deadline of a play, and what is under Keras.
_REAL = ["dryfit.lanes.record", "tensorflow", "jax", "torch"]


@contextmanager
def scripted_time(script: Script) -> Iterator[Callable[[float], object]]:
    """Freeze time for a play, if its script says how long things take.

    Yields:
        What moves the time on, by seconds.
    """
    if not (script.seconds_per_batch or script.seconds_per_epoch):
        yield lambda seconds: None
        return
    from freezegun import freeze_time

    with freeze_time(START, ignore=_REAL) as frozen:
        yield frozen.tick
