"""What Keras' own loop did otherwise in earlier releases, as far as a callback can see it.

One fact, one name; where a fact holds is said here and nowhere else.
"""

from packaging.version import Version

from dryfit_fakes.backend import LEGACY, keras

_RELEASE = Version(keras.__version__)


def _until(release: str) -> bool:
    """Whether this is Keras 3 before a release."""
    return not LEGACY and Version(f"{release}.0.dev0") > _RELEASE


# Until 3.10 the trainers end an execution of several steps with the index of its first
# (keras/src/backend/tensorflow/trainer.py: on_train_batch_end(step, logs)).
_ENDS_AS_IT_BEGAN = _until("3.11")

# In 3.6 callbacks get the trainer's own dict at an epoch's end, and on_train_end has it
# with what they wrote (keras/src/callbacks/callback_list.py, on_epoch_end).
EPOCH_LOGS_ARE_SHARED = _until("3.7")

# Until 3.15 the end of data is warned of, whoever said how much there is; from 3.16 on only where
# the caller did, by `steps_per_epoch`, `steps` or `validation_steps`
# (keras/src/trainers/epoch_iterator.py, catch_stop_iteration, 3.16.0.dev20261027).
EVERY_END_OF_DATA_IS_WARNED_OF = _until("3.16")

# Until 3.15, in Keras 2 too, TensorFlow's step counts itself before it finds no data; from 3.16 on
# it looks first
# (keras/src/backend/tensorflow/trainer.py, _make_function: get_next_as_optional).
A_STEP_WITHOUT_DATA_COUNTS = keras.backend.backend() == "tensorflow" and (LEGACY or _until("3.16"))

# Until 3.15 torch's trainer refuses executions of several steps
# (keras/src/backend/torch/trainer.py, make_train_function).
ONE_STEP_ON_TORCH = keras.backend.backend() == "torch" and _until("3.16")

# On jax and torch `fit` builds the optimizer before any hook, on tensorflow the first
# training step does (keras/src/backend/*/trainer.py, _symbolic_build, 3.15.1).
BUILT_BEFORE_HOOKS = keras.backend.backend() != "tensorflow"

# Until 3.8 each call, evaluate and predict too, gives the model a History of its own
# (keras/src/backend/tensorflow/trainer.py, evaluate: CallbackList(add_history=True)).
EACH_CALL_HAS_A_HISTORY = LEGACY or _until("3.9")

# What Keras 2 does otherwise, by its files in 2.21, under tf_keras/src.

# Logs stay as they were compiled, the loss in front (engine/training.py, get_metrics_result).
LOGS_ARE_SORTED = not LEGACY

# An execution is no longer than what is left of the epoch's batches, and in `fit` none of a
# validation is longer than that either (engine/data_adapter.py, DataHandler.steps and
# _truncate_execution_to_epoch).
EXECUTIONS_ARE_CUT = LEGACY

# The end of the data ends training after its epoch, or all validations from the next on; of data
# whose length was not known, the first end says it (DataHandler.catch_stop_iteration).
THE_END_OF_DATA_ENDS_ALL = LEGACY

# Data without batches, or of unknown length for executions of several, and an epoch that
# reports nothing are refused (DataHandler.__init__, _validate_data_handler;
# engine/training.py, fit).
SUCH_DATA_IS_REFUSED = LEGACY

# `stop_evaluating` and `stop_predicting` are nobody's (engine/training.py, evaluate, predict).
PASSES_CAN_STOP = not LEGACY

# A metric says whether it is to rise; Keras 2 goes by its name (callbacks.py, EarlyStopping).
METRICS_HAVE_DIRECTIONS = not LEGACY

# What is monitored is held against infinity from the first value on, to which neither nan nor
# infinity is an improvement; in Keras 3 the first value is the best, whatever it is
# (callbacks.py: EarlyStopping, ModelCheckpoint, ReduceLROnPlateau).
FIRST_VALUES_ARE_COMPARED = LEGACY

# The rate has a second name (optimizers/optimizer.py, lr).
RATE_IS_LR_TOO = LEGACY

# By what name ReduceLROnPlateau and LearningRateScheduler log the rate (callbacks.py).
RATE_IN_LOGS = "lr" if LEGACY else "learning_rate"

# A schedule's rate is a variable that a callback may write, and the next batch writes over
# (optimizers/optimizer.py, _compute_current_learning_rate).
SCHEDULED_RATE_IS_A_VARIABLE = LEGACY

# Files may be TensorFlow's own: checkpoints, which BackupAndRestore reads back by no call of
# the model's, and SavedModel folders (distribute/worker_training_state.py).
TENSORFLOW_SAVES_TOO = LEGACY

# What is warned of goes to TensorFlow's log (callbacks.py: tf_logging).
WARNINGS_ARE_LOGGED = LEGACY


def steps_ahead(steps_per_execution: int) -> int:
    """How far the index at the end of an execution is ahead of that at its begin."""
    return 0 if _ENDS_AS_IT_BEGAN else steps_per_execution - 1
