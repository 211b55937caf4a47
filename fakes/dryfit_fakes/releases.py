"""What Keras' own loop did otherwise in earlier releases, as far as a callback can see it."""

from packaging.version import Version

from dryfit_fakes.backend import keras

_RELEASE = Version(keras.__version__)

# Until 3.10 the trainers end an execution of several steps with the index of its first
# (keras/src/backend/tensorflow/trainer.py: on_train_batch_end(step, logs)).
_ENDS_AS_IT_BEGAN = Version("3.11.0.dev0") > _RELEASE

# In 3.6 callbacks get the trainer's own dict at an epoch's end, and on_train_end has it
# with what they wrote (keras/src/callbacks/callback_list.py, on_epoch_end).
EPOCH_LOGS_ARE_SHARED = Version("3.7.0.dev0") > _RELEASE

# On jax and torch `fit` builds the optimizer before any hook, on tensorflow the first
# training step does (keras/src/backend/*/trainer.py, _symbolic_build, 3.15.1).
BUILT_BEFORE_HOOKS = keras.backend.backend() != "tensorflow"

# Until 3.8 each call, evaluate and predict too, gives the model a History of its own
# (keras/src/backend/tensorflow/trainer.py, evaluate: CallbackList(add_history=True)).
EACH_CALL_HAS_A_HISTORY = Version("3.9.0.dev0") > _RELEASE


def steps_ahead(steps_per_execution: int) -> int:
    """How far the index at the end of an execution is ahead of that at its begin."""
    return 0 if _ENDS_AS_IT_BEGAN else steps_per_execution - 1
