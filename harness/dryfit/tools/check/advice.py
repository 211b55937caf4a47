"""Advice: why what a check finds is wrong, and what to write instead."""

from typing import NamedTuple

from dryfit.lanes.time_limit import PlayTimeoutError
from dryfit.tools.check.check_folder import OutputFloodError


class Advice(NamedTuple):
    """What a card says below a failure.

    Attributes:
        why: what is wrong with it.
        write: what to write in its place.
    """

    why: str
    write: str


_COME_THROUGH = "A training that meets this ends with the exception, and what it trained is lost."
_LEFT = "What a training leaves in the process, the next training and everybody else finds there."

_BY_CHECK: dict[str, Advice] = {
    "signatures of hooks": Advice(
        "Keras calls hooks so, and a hook that cannot be called so ends the training.",
        "def on_epoch_end(self, epoch, logs=None), and the others of keras.callbacks.Callback "
        "likewise",
    ),
    "names of hooks": Advice(
        "Keras calls hooks by their names: a method of another name is never called, and nobody "
        "says so.",
        "the name of the hook",
    ),
    "hooks that run": Advice(
        "Keras calls a hook and throws away what it returns: the body of a coroutine or a "
        "generator never begins.",
        "def without async and without yield; asyncio.run(...) inside for what must be awaited",
    ),
    "plain run": Advice(
        _COME_THROUGH,
        "what the exception asks for; --model module:function for a callback that needs a model "
        "of a kind, --raises TYPE if it is meant",
    ),
    "left over from Keras 2": Advice("Keras 3 has no such thing.", "what Keras 3 has"),
    "shortest run": Advice(
        _COME_THROUGH,
        "what one epoch of one batch is enough for; in on_train_begin what hooks read",
    ),
    "no epochs": Advice(
        "A resumed run may be at its last epoch already: on_train_end is called, and no epoch was.",
        "in on_train_begin what on_train_end reads",
    ),
    "no validation": Advice(
        "Without validation_data there are no val_ keys.",
        'logs.get("val_loss"), and what to do where it is None; --raises TYPE if it is meant',
    ),
    "rare validation": Advice(
        "With validation_freq=2 every second epoch has no val_ keys.",
        'logs.get("val_loss"), and nothing in an epoch where it is None',
    ),
    "missing keys": Advice(
        "A model reports the metrics that it was compiled with, and they have other names.",
        "logs.get(name), with the name as an argument of the constructor; --metrics NAME for a "
        "callback that is for models with that metric",
    ),
    "unknown steps": Advice(
        'Data of unknown length, such as a generator, has params["steps"] None in the first epoch.',
        'what does without it where self.params["steps"] is None',
    ),
    "initial_epoch": Advice(
        "A resumed run counts its epochs from initial_epoch.",
        "the epoch that the hook is given, as a key and not as an index",
    ),
    "steps_per_execution": Advice(
        "With steps_per_execution=3 the hooks of batches are called for every third batch, with "
        "the index of the last.",
        "the index that the hook is given, and no count of calls",
    ),
    "evaluate only": Advice(
        "model.evaluate(callbacks=...) calls no on_train_begin.", "in __init__ what its hooks read"
    ),
    "predict only": Advice(
        "model.predict(callbacks=...) calls no on_train_begin.", "in __init__ what its hooks read"
    ),
    "stopped by another": Advice(
        "What stops the training early belongs to whoever decided it.",
        "self.model.stop_training = True, or nothing: never False",
    ),
    "stopped mid-epoch": Advice(
        "An epoch may end before its last batch, and on_epoch_end is called all the same.",
        "what counts on no number of batches",
    ),
    "NaN first": Advice(
        "Nothing is less or greater than NaN: as the best value of all it stays for good.",
        "if math.isfinite(value) before it is compared",
    ),
    "NaN later": Advice(
        "What NaN is added to is NaN for good.", "if math.isfinite(value) before it is used"
    ),
    "inf first": Advice(
        "What an infinite value is averaged with is infinite for good.",
        "if math.isfinite(value) before it is used",
    ),
    "inf later": Advice(
        "What an infinite value is averaged with is infinite for good, and int(inf) raises.",
        "if math.isfinite(value) before it is used",
    ),
    "two fits": Advice(
        "An instance may train twice, and the second training begins with what the first left.",
        "in on_train_begin, and not in __init__, what changes in training",
    ),
    "attributes reset": Advice(
        "An instance may train twice, and the lists of two trainings are one.",
        "self.name = [] in on_train_begin",
    ),
    "after an exception": Advice(
        "A training that is broken off calls no on_train_end.",
        "in on_train_begin whatever must be so at a training's begin",
    ),
    "two instances": Advice(
        "What belongs to the class belongs to every instance of it.",
        "self.name = [] in on_train_begin",
    ),
    "one container": Advice(
        "A default such as seen=[] is made once, when the function is defined, and every instance "
        "gets that one.",
        "seen=None, and self.seen = [] if seen is None else list(seen)",
    ),
    "module state": Advice(
        "A module is there once in a process: the next training, and every other instance, "
        "begins with what this one left.",
        "self.name, set in on_train_begin",
    ),
    "learning rate schedule": Advice(
        "An optimizer that was made with a LearningRateSchedule takes no other rate, and what was "
        "trained until then is lost.",
        'in on_train_begin: if not hasattr(self.model.optimizer.learning_rate, "assign"), raise '
        "there",
    ),
    "attributes of the model": Advice(
        "The model is everybody's: another callback may use the name, and no saved model has it.",
        "self.name, on the callback",
    ),
    "weights by reference": Advice(
        "They train on: what is kept as the best is the last.",
        "self.model.get_weights(), which copies",
    ),
    "resumed": Advice(
        "A training that goes on in another process (initial_epoch, BackupAndRestore) makes a new "
        "callback, which does not know what the first had seen.",
        "what it decides by into its file, and read it in on_train_begin",
    ),
    "output per batch": Advice(
        "A training has tens of thousands of batches.", "it at the end of an epoch, or every n-th"
    ),
    "deep copy": Advice(
        "Searches over settings copy their callbacks.",
        "attributes that can be copied, and a __getattr__ that looks up nothing with an underscore",
    ),
    "pickling": Advice(
        "Work that is handed to another process is pickled.",
        "attributes that can be pickled, and a __getattr__ that looks up nothing with an "
        "underscore",
    ),
    "shared logs": Advice(
        "All callbacks of an epoch get one dict: History and whoever comes next read what is "
        "written.",
        "a key of its own, or a copy: logs = dict(logs or {})",
    ),
    "learning rate left": Advice(
        "The model goes on with that rate when it trains again.",
        "on_train_end with the rate that on_train_begin found",
    ),
    "open files": Advice(_LEFT, "self.file.close() in on_train_end"),
    "figures": Advice(
        "pyplot keeps every figure until it is closed: memory grows with each epoch, and "
        "matplotlib warns at the twentieth.",
        "plt.close(figure) where it is saved or shown, or one figure, cleared and drawn anew",
    ),
    "temporary files": Advice(
        "They are nobody's from then on: with each training the disk has less room.",
        "with tempfile.TemporaryDirectory() as folder: around what needs it, or shutil.rmtree in "
        "on_train_end",
    ),
    "threads": Advice(_LEFT, "daemon=True, and an Event that on_train_end sets"),
    "environment": Advice(_LEFT, "on_train_end with what on_train_begin found"),
    "working directory": Advice(_LEFT, "paths, and no os.chdir"),
    "signal handlers": Advice(
        _LEFT, "signal.signal(number, before) in on_train_end, with what signal.signal returned"
    ),
    "global random state": Advice(
        "Who shuffles or augments behind it gets other numbers than without the callback.",
        "random.Random(seed) or numpy.random.default_rng(seed) of its own",
    ),
    "warning filters": Advice(_LEFT, "with warnings.catch_warnings(): around what warns"),
    "streams": Advice(_LEFT, "with contextlib.redirect_stdout(...): around what prints"),
    "closed streams": Advice(
        "Whoever prints next, Keras' progress bar too, raises ValueError or OSError.",
        "a stream of its own, opened and closed: stdout and stderr are everybody's",
    ),
    "garbage collection": Advice(
        "Objects that refer to each other are never freed: memory grows until it is used up.",
        "gc.enable(), or gc.set_threshold(*before), in on_train_end",
    ),
    "recursion limit": Advice(
        "Below, what was fine raises RecursionError; above, endless recursion crashes Python.",
        "a loop in place of the recursion, or sys.setrecursionlimit(before) in on_train_end",
    ),
    "trace functions": Advice(
        "Every call from there on is slower, and debuggers and coverage do not hear theirs.",
        "sys.settrace(before), with what sys.gettrace() was, in on_train_end",
    ),
    "Keras settings": Advice(_LEFT, "on_train_end with what on_train_begin found"),
    "slow hooks": Advice(
        "It is called for every batch: a thousand batches take two seconds more.",
        "what is dear at the end of an epoch",
    ),
}
_BROKEN_OFF = Advice(_COME_THROUGH, "what does not need it")
_NOT_BETTER = Advice(
    "A loss that is NaN or infinite ends no training by itself, and this one ends with the "
    "exception.",
    "what holds too where no value was better than the one it began with, or is a number",
)
# What is said where a check meets an exception, and not what it looks for.
_BY_CHECK_RAISED: dict[str, Advice] = {
    "stopped by another": Advice(
        "Another callback may end a training in any epoch: on_train_end is called, and later "
        "epochs never were.",
        "in on_train_begin what on_train_end reads",
    ),
    "NaN first": _NOT_BETTER,
    "NaN later": _NOT_BETTER,
    "inf first": _NOT_BETTER,
    "inf later": _NOT_BETTER,
    "two fits": Advice(
        "An instance may train twice, and the second training begins with what the first left.",
        "in on_train_begin, and not in __init__, what training changes or uses up",
    ),
    "resumed": Advice(
        "A training that goes on in another process makes a new callback, in a folder with the "
        "files of the first.",
        "what looks whether its file is there, and reads it in on_train_begin",
    ),
    **dict.fromkeys(
        ("shared logs", "learning rate left", "one container", "module state", "slow hooks"),
        _BROKEN_OFF,
    ),
}
_ENDS_PYTHON = Advice(
    "It ends Python, and not the training alone: nothing behind fit is reached.",
    "self.model.stop_training = True",
)
_WAITS = Advice(
    "It waits, and a training waits with it, for as long as it takes.",
    "a time limit around what it waits for",
)
_FLOODS = Advice("Nobody reads that much, and a disk is full of it.", "a line for each epoch")
_COMPILES = Advice(
    "compile() in a hook takes away the step that fit is in the middle of, and the next batch "
    "calls what is not there.",
    "compile() before fit, or between two calls of fit with initial_epoch",
)


def advice_of(check: str, *, raised: bool = False) -> Advice:
    """What a check says of whatever it finds.

    Args:
        check: its name.
        raised: whether it found an exception.
    """
    if raised and check in _BY_CHECK_RAISED:
        return _BY_CHECK_RAISED[check]
    return _BY_CHECK.get(check, _BROKEN_OFF)


def advice_on(error: BaseException) -> Advice:
    """What an exception says in whatever check; empty where the check knows better."""
    if isinstance(error, SystemExit):
        return _ENDS_PYTHON
    if isinstance(error, PlayTimeoutError):
        return _WAITS
    if isinstance(error, OutputFloodError):
        return _FLOODS
    if isinstance(error, TypeError) and _is_out_of_fit(error):
        return _COMPILES
    return Advice("", "")


def _is_out_of_fit(error: BaseException) -> bool:
    """Whether Keras' trainer called a function that is not there any more."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    module = "" if trace is None else str(trace.tb_frame.f_globals.get("__name__"))
    return "'NoneType' object is not callable" in str(error) and module.endswith(".trainer")
