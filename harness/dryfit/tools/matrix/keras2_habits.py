"""Habits of Keras 2: what Keras 3 makes of them, and what to write to decide as before.

The likeliest to bite come first. A habit is known by what the two decide otherwise, by how
the scenario says it, or by the code of a callback that it names.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habit:
    """Something that is written for Keras 2.

    Attributes:
        why: what Keras 3 makes of it.
        write: what to write instead.
        told: a pattern of what is decided otherwise; any, if there is none.
        said: a pattern of the scenario's text.
        code: a pattern of the code of its own callbacks.
    """

    why: str
    write: str
    told: str = ""
    said: str = ""
    code: str = ""

    def fits(self, told: str, said: str, code: str) -> bool:
        """Whether it is what is seen here."""
        pairs = ((self.told, told), (self.said, said), (self.code, code))
        return all(re.search(pattern, text) for pattern, text in pairs if pattern)


_FALLS = 'mode="max", if it is to rise; mode="min" decides as before'

HABITS = (
    Habit(
        "the rate is logged as learning_rate; nothing is there by the name of lr",
        'logs["learning_rate"], a column learning_rate, {learning_rate} in file names',
        told=r"KeyError: .*\blr\b",
    ),
    Habit(
        "logs.get(...) finds no lr, and gives the value for nothing",
        'logs.get("learning_rate")',
        code=r"""\.get\(\s*["']lr["']""",
    ),
    Habit(
        "optimizer.lr is an attribute of nobody's: the rate stays what it was",
        "self.model.optimizer.learning_rate = x",
        code=r"optimizer\.lr\s*=(?!=)",
    ),
    Habit(
        "keras.backend has no get_value and set_value",
        "optimizer.learning_rate = x; float(optimizer.learning_rate.numpy())",
        told="AttributeError",
        code=r"\b[gs]et_value\(",
    ),
    Habit(
        "an optimizer has no lr",
        "float(optimizer.learning_rate.numpy()) to read it, optimizer.learning_rate = x to set it",
        told=r"AttributeError.*'lr'",
    ),
    Habit(
        "the name of a checkpoint says its format, and has one of three endings",
        "NAME.weights.h5 for weights alone, NAME.keras or NAME.h5 for a whole model",
        told="must end in",
    ),
    Habit(
        "CSVLogger's column of the rate is called learning_rate, not lr",
        "learning_rate, where the file is read",
        told="files:",
        said="(?s)CSVLogger.*(ReduceLROnPlateau|LearningRateScheduler)"
        "|(ReduceLROnPlateau|LearningRateScheduler).*CSVLogger",
    ),
    Habit(
        "period= and options= are gone",
        "save_freq=; save by hand in a callback for every so many epochs",
        told=r"TypeError.*(period|options)|[Ii]nvalid keyword argument",
    ),
    Habit(
        'mode="auto" asks the metric, which is to rise; Keras 2 let rise what has acc in its name',
        _FALLS,
        said=r"monitor: (val_)?(precision|recall|f1_score|fbeta_score|auc|.*io_?u|r2_score"
        r"|cosine_similarity|pearson_correlation)\b(?![^-]*mode:)",
    ),
    Habit(
        "auto mode asks the metric, which declares a direction; Keras 2 went by its name",
        _FALLS,
        said=r"(?m)^ *directions:",
    ),
    Habit(
        "nobody tells auto mode whether this metric is to rise",
        _FALLS,
        told=r"ValueError.*(direction|maximized or minimized)",
    ),
    Habit(
        "nan in the first epoch stays the best: no later value is better",
        "start_from_epoch=1 for EarlyStopping; others need a number in the first epoch",
        said=r"(loss|metrics|val_\w+): *['\"]?\.?nan\b",
    ),
    Habit(
        "an epoch without the monitor is saved over the best file",
        "validate in every epoch, or do not share the file: {epoch} in its name",
        told=r"(?s)\A(?!.*raises:).*(checkpoints|files)",
        said="save_best_only: true",
    ),
    Habit(
        "epsilon= is taken and forgotten",
        "min_delta=",
        said=r"\bepsilon:",
    ),
    Habit(
        "logs are in the order of the alphabet, the loss is not the first",
        'logs["loss"]',
        code=r"next\(iter\(logs|list\(logs",
    ),
    Habit(
        "an optimizer that is made with a schedule refuses a rate",
        "a number for the rate, or no callback that sets it",
        told=r"LearningRateSchedule\b",
    ),
    Habit(
        "a schedule returns a number, no tensor",
        "float(...) around what it returns",
        told="should be a float",
    ),
    Habit(
        "self.model is a property",
        "another name, or set_model",
        told=r"AttributeError.*property 'model'",
    ),
    Habit(
        "a weights file brings the optimizer's state along, the rate with it",
        "set the rate after load_weights",
        told="learning_rate",
        said="load:",
    ),
    Habit(
        "BackupAndRestore begins the epoch anew that was broken off",
        'save_freq="epoch", so that no batch trains twice',
        said="BackupAndRestore",
    ),
)
