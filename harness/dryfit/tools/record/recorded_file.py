"""A recording: the scenario file that a recorder writes as a training goes on."""

import os
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryfit.facts.notation import Raw, number
from dryfit.run.run import Run
from dryfit.run.timeline_events import Began, Trained
from dryfit.scenario.layout import document
from dryfit.scenario.naming import name_and_suffix
from dryfit.scenario.whole_file import write_text
from dryfit.tools.record.callback_items import CannotWriteError, describe, is_shown_anyway
from dryfit.tools.record.cast import Cast, Described
from dryfit.tools.record.code_needs import what_it_needs
from dryfit.tools.record.decisions import Decisions, Whose
from dryfit.tools.record.own_replay import replay, why_not
from dryfit.tools.record.provenance import directions, provenance
from dryfit.tools.record.recorded_paths import RecordedPaths
from dryfit.tools.record.recorded_rates import OwnSchedule, observed
from dryfit.tools.record.recording_place import RecordingPlace, tell
from dryfit.tools.record.reported import ReportedLogs
from dryfit_fakes.journal import Journal, own_optimizers
from dryfit_fakes.protocols import Callback, Rates
from dryfit_fakes.script import MAX_BATCHES

if TYPE_CHECKING:
    from dryfit.recorder.callback_list import RecordingCallbackList

_BROKEN_OFF = {"raises": {"type": "KeyboardInterrupt"}}
_MOST_EPOCHS = 10_000  # of which nothing is known yet
_MOST_REPLAYS = 5


@contextmanager
def _training_goes_on() -> Iterator[None]:
    """An hour of training is worth more than its recording."""
    try:
        yield
    except Exception as error:
        with warnings.catch_warnings():
            warnings.simplefilter("always")  # nobody's training ends of it, whatever their filter
            text = f"the recording is not written: {type(error).__name__}: {error}"
            warnings.warn(text, stacklevel=3)


class Recording:
    """Writes what a training reported and decided, whole, after every epoch.

    Each fit has a file of its own, which is replaced in one step: whoever reads it finds a
    whole one, however training ends. What cannot be written is warned of, and training goes on.

    Args:
        path: where to, see `RecordingPlace`.
        batches: whether every batch's logs are written. Those of an epoch in
            whose batches a callback acted are in any case.
        verify: whether callbacks of one's own are replayed once training is over.
    """

    path: Path

    def __init__(
        self, path: str | os.PathLike[str], batches: bool = False, verify: bool = False
    ) -> None:
        self._place = RecordingPlace(path)
        self._batches, self._verify = batches, verify
        self._described: list[Described] = []
        self._planned = 0
        self._model: Any = None
        self._whose: Whose
        self._began: Began
        self._reported: ReportedLogs
        self._schedule: OwnSchedule
        self._rates: Any = None
        self._first_rates: Rates
        self._known: tuple[Cast, dict[str, Any]] | None = None

    @_training_goes_on()
    def begin(self, recorder: "RecordingCallbackList", journal: Journal | None) -> None:
        """Read the callbacks' settings, before training changes them."""
        self.path = self._place.next()
        names = RecordedPaths()
        callbacks = recorder.callbacks
        times = Counter(map(id, callbacks))
        self._described = [_described(c, names, times[id(c)]) for c in callbacks]
        self._model = recorder.model
        self._whose = Whose(journal)
        self._schedule = OwnSchedule(recorder.model)
        params = getattr(recorder, "params", None) or {}
        self._planned = params.get("epochs") or 0
        self._reported = ReportedLogs(params.get("steps"))
        self._began = next(e for e in recorder.trace.items if isinstance(e, Began))
        self._known, self._rates = None, None
        self._first_rates = self._began.learning_rate
        self._own_optimizers = bool(own_optimizers(recorder.model))

    @_training_goes_on()
    def epoch_ended(self, recorder: "RecordingCallbackList") -> None:
        """Write what is known so far, as a training that is broken off here."""
        run = recorder.run
        cast, decisions = self._decided(recorder, run)
        self._known = cast, decisions.so_far() | _BROKEN_OFF
        self._write(f"unfinished: what is known after epoch {run.epochs[-1]}")

    @_training_goes_on()
    def broke_off(self, recorder: "RecordingCallbackList") -> None:
        """Say what ended the training; what it decided is known up to the last whole epoch."""
        run = recorder.run
        cast, _ = self._decided(recorder, run)
        if self._known is None and self._reported.by_epoch:
            self._known = cast, {"epochs_run": 0} | _BROKEN_OFF
        if self._known is not None and (raised := run.raised) is not None:
            place = f"in epoch {raised.epoch}, in {raised.hook} of {raised.by}"
            self._write(f"broken off by {raised.type} {place}: {raised.message}")

    @_training_goes_on()
    def ended(self, recorder: "RecordingCallbackList") -> None:
        """Write the whole training."""
        run = recorder.run
        if not run.epochs_run:
            return
        cast = self._whole(recorder, run)
        about = list(self._held(recorder, run, cast))
        self._write(*about)
        tell(self.path, [*self._left_out, *about])

    def _whole(self, recorder: "RecordingCallbackList", run: Run) -> Cast:
        cast, decisions = self._decided(recorder, run)
        if run.stopped is None or cast.plays(run.stopped) is None:
            self._planned = run.epochs[-1] + 1
        self._known = cast, decisions.at_the_end()
        self._write()
        return cast

    def _held(self, recorder: "RecordingCallbackList", run: Run, cast: Cast) -> Iterator[str]:
        """Replay the file, leave out what does not hold, and say so."""
        for _ in range(_MOST_REPLAYS):
            if why := why_not([name for name, _ in cast.entries], self._verify):
                yield f"not replayed: {why}"
                return
            found = replay(self.path)
            if found.unplayed:
                yield f"not replayed to its end: {found.unplayed}"
            if found.holds or found.unplayed:
                return
            by, why = cast.whose(found.by), f"its replay raised {found.raised}"
            if (found.epoch or 0) > run.epochs[-1]:
                by = None  # it raised of what is not known: somebody else did not stop before
            if by is None and (own := cast.of_ones_own):
                by, why = own[0], "it did not decide the same in its replay"
            if by is not None:
                self._described[self._began.callbacks.index(by)] = CannotWriteError(why)
                cast = self._whole(recorder, run)
                continue
            yield from self._without(found.unmet)

    def _without(self, unmet: dict[str, str]) -> Iterator[str]:
        """Expect nothing that the replay does not meet."""
        assert self._known is not None
        cast, expect = self._known
        kept = {key: value for key, value in expect.items() if key not in unmet}
        self._known = cast, kept or {"epochs_run": expect["epochs_run"]}
        self._write()
        for key, why in unmet.items():
            yield f"left out of expect: {key}: {why}"

    @property
    def _left_out(self) -> list[str]:
        assert self._known is not None
        return [line for line in self._known[0].about if line.startswith("left out: ")]

    def _decided(self, recorder: "RecordingCallbackList", run: Run) -> tuple[Cast, Decisions]:
        self._reported.read(recorder.trace)
        if self._first_rates == {}:  # the optimizers were made in the first step
            trained = (event for event in run.timeline if isinstance(event, Trained))
            self._first_rates = next((event.learning_rate for event in trained), {})
        if self._own_optimizers and isinstance(self._first_rates, dict):
            self._first_rates = self._first_rates.get("optimizer")
        cast = Cast(self._began, self._described, run)
        even = self._is_even(cast, run)
        self._whose.each_batch = even and self._reported.step == 1
        if not even:
            cast.about.append(
                "what happened in batches is not compared: epochs had fewer than "
                f"{self._reported.batches}, which a replay has in each"
            )
        if self._own_optimizers:  # a scripted model has the compiled one
            cast.rates_known = False
            cast.about.append("rates are not compared: the model trains with optimizers of its own")
        self._rates = None
        if cast.moved_by_themselves and cast.rates_known:
            self._take_rates(cast, run, even)
        return cast, Decisions(run, self._first_rates, cast, self._whose, even)

    def _take_rates(self, cast: Cast, run: Run, even: bool) -> None:
        """Keep the rates that moved by themselves, or say why they are not compared."""
        self._rates = self._schedule.written if even else None
        if self._rates is None and even and not cast.sets_rates and run.epochs:
            self._rates = observed(run, self._epochs, self._reported.batches)
        if self._rates is None:
            cast.rates_known = False
            why = "they moved outside of callbacks too" if even else "epochs had unequal lengths"
            cast.about.append(f"rates are not compared: {why}")

    @property
    def _epochs(self) -> int:
        """How many epochs the script has: as many as were planned, if that is a number."""
        most = min(_MOST_EPOCHS, MAX_BATCHES // max(self._reported.batches, 1))
        return max(self._reported.end, min(self._planned, most))

    def _is_even(self, cast: Cast, run: Run) -> bool:
        """Whether all epochs have as many batches as the replay's."""
        stop = run.stopped
        cut_short = stop.epoch if stop is not None and cast.plays(stop) is not None else None
        return all(n == self._reported.batches for n in self._reported.lengths(but=cut_short))

    def _write(self, *about: str) -> None:
        assert self._known is not None
        cast, expect = self._known
        script = self._script(cast)
        if "raises" in expect:
            script["interrupt"] = self._end_of(expect["epochs_run"])
        name, _ = name_and_suffix(self.path)
        lines = [provenance(), *about, *cast.about]
        write_text(self.path, document(name, lines, script, cast.entries, expect))

    def _end_of(self, epochs: int) -> dict[str, Any]:
        """Where so many epochs are over."""
        first = self._reported.first or 0
        if epochs == 0:
            return {"epoch": first}
        return {"epoch": first + epochs - 1, "hook": "on_epoch_end"}

    def _script(self, cast: Cast) -> dict[str, Any]:
        reported = self._reported
        epochs = self._epochs
        by_batch = reported.by_epoch if self._batches else cast.epochs_with_acts_in_batches
        metrics = reported.metrics(epochs)
        batch_logs = reported.batch_logs(by_batch, epochs)
        optimizers = _rates(self._first_rates)
        keys = {
            "epochs": epochs,
            "initial_epoch": reported.first or None,
            "batches": reported.length("", batch_logs),
            "val_batches": reported.length("val_", batch_logs) or None,
            "steps_per_execution": reported.step if reported.step > 1 else None,
            "learning_rate": _rate(self._first_rates) if self._rates is None else None,
            "optimizers": optimizers,
            "late_optimizers": Raw("true")
            if optimizers and not self._began.learning_rate
            else None,
            "rates": self._rates,
            "metrics": metrics,
            "batch_logs": batch_logs,
            "directions": directions(self._model, metrics) or None,
        }
        return {name: value for name, value in keys.items() if value is not None}


def _described(callback: Callback, names: RecordedPaths, times: int) -> Described:
    if is_shown_anyway(callback):
        return None
    if times > 1:  # in a file two of a class are two objects
        return CannotWriteError(f"one object stands {times} times in the list")
    try:
        item = describe(callback, names)
        if (need := what_it_needs(callback)) is not None:
            raise CannotWriteError(need)
        return item
    except CannotWriteError as reason:
        return reason


def _rate(rate: Rates) -> Raw | None:
    return None if rate is None or isinstance(rate, dict) else Raw(number(rate))


def _rates(rates: Rates) -> dict[str, Raw] | None:
    """The rates of several optimizers."""
    if not isinstance(rates, dict) or None in rates.values():
        return None
    return {name: Raw(number(rate)) for name, rate in rates.items()} or None
