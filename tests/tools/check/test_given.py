"""What an object remembers that a callback was given is not held against the callback."""

from typing import Any

import keras
from careless import NeverReset

from dryfit.tools.check.check_targets import subject_of, subjects_of
from dryfit.tools.check.finding import failed
from dryfit.tools.check.given import of_its_own
from dryfit.tools.check.sharing_checks import one_container
from dryfit.tools.check.subject import Subject


class Trial:
    def __init__(self) -> None:
        self.seen: list[float] = []


TRIAL = Trial()


class Reports(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self, trial: Trial) -> None:
        super().__init__()
        self.trial = trial

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.trial.seen.append((logs or {}).get("loss"))
        if len(self.trial.seen) > 4:
            self.model.stop_training = True


def held(subject: Subject, **how: bool) -> str:
    """What becomes of a difference between two plays."""
    found = of_its_own(subject, failed("decides otherwise"), **how)
    return found.reason if found.outcome == "not_applicable" else found.outcome


def test_one_object_for_all_plays() -> None:
    """No comparison of plays is held against it, and how each gets its own is said."""
    one = "trial is one object for all plays, and training changes it: "
    (by_name,) = subjects_of('test_given:Reports: {trial: {import: "test_given:TRIAL"}}')
    assert held(by_name) == (
        f"{one}{{trial: {{call: module:function}}}} makes a new one for each callback"
    )
    by_object = subject_of(Reports, (Trial(),), {})
    assert held(by_object) == f"{one}give a function that makes the callback and a new one"
    assert one_container(by_object).outcome == one_container(by_name).outcome == "passed"


def test_a_new_object_for_each_callback() -> None:
    """Two plays with two callbacks are compared; two fits of one callback have one object."""
    (subject,) = subjects_of('test_given:Reports: {trial: {call: "test_given:Trial"}}')
    assert held(subject) == "failed"
    assert held(subject, one_callback=True) == (
        "trial is one object for both fits, and remembers the first"
    )


def test_what_it_remembers_itself_is_held_against_it() -> None:
    """An argument that training leaves as it is changes nothing."""
    assert held(subject_of(NeverReset, (), {}), one_callback=True) == "failed"
