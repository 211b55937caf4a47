"""What each check says of the mistake that it finds, and of a twin that does the same well."""

from careless import (
    Averages,
    Broken,
    Collects,
    CountsEpochs,
    CountsSteps,
    DividesByEpochs,
    EpochWithoutLogs,
    EveryBatch,
    GoesOn,
    HandsOn,
    KeepsTheFirst,
    LastEpoch,
    Misspelt,
    NeedsTraining,
    NeverAwaited,
    NeverReset,
    OneAtATime,
    OwnDefault,
    ReadsAccuracy,
    ReadsLogs,
    ReadsModule,
    ReadsValidationOnce,
    ReadsValLoss,
    RefusesOthers,
    RemembersInModule,
    RemovesLoss,
    Rounds,
    SetsOldRate,
    Shares,
    SharesDefault,
    WholeEpochs,
)
from careless_in_process import (
    ClosesItsOwn,
    ClosesStdout,
    CollectsAgain,
    CollectsNothing,
    ComesUpAgain,
    DrawsAnew,
    GoesDeep,
    HearsCalls,
    HearsForAWhile,
    LeavesFile,
    LeavesFolder,
    LeavesHandler,
    LeavesTemporary,
    LeavesThread,
    LeavesVariable,
    OpensFigures,
    RemovesTemporary,
    Seeds,
    SetsFloats,
    Silences,
    Sleeps,
    TakesStdout,
    WritesEachBatch,
    WritesEachEpoch,
)
from careless_with_model import (
    FreezesInTime,
    FreezesTooLate,
    KeepsValues,
    KeepsVariables,
    KnowsItsBest,
    LeavesRate,
    LooksFirst,
    MarksModel,
    OverwritesLoss,
    ReducesTooLate,
    SavesTheFirst,
    TakesMarkAway,
)

FAILS: dict[str, tuple[type, str]] = {
    "signatures of hooks": (
        EpochWithoutLogs,
        "on_epoch_end(epoch: int) -> None cannot be called as on_epoch_end(epoch, logs): "
        "too many positional arguments",
    ),
    "names of hooks": (Misspelt, "on_epoch_ends is never called; did you mean on_epoch_end?"),
    "hooks that run": (
        NeverAwaited,
        "on_epoch_end is a coroutine: it is called, and never run",
    ),
    "plain run": (
        Broken,
        "AttributeError: 'Broken' object has no attribute 'missing' in on_epoch_end of epoch 0",
    ),
    "left over from Keras 2": (
        SetsOldRate,
        "uses optimizer.lr (set in on_epoch_end, line 25 of careless)",
    ),
    "shortest run": (DividesByEpochs, "ZeroDivisionError: division by zero in on_train_begin"),
    "no epochs": (
        LastEpoch,
        "AttributeError: 'LastEpoch' object has no attribute 'last' in on_train_end",
    ),
    "no validation": (ReadsValLoss, "KeyError: 'val_loss' in on_epoch_end of epoch 0"),
    "rare validation": (
        ReadsValidationOnce,
        "TypeError: unsupported operand type(s) for +: 'NoneType' and 'int' in on_epoch_end of "
        "epoch 0",
    ),
    "missing keys": (ReadsAccuracy, "KeyError: 'accuracy' in on_epoch_end of epoch 0"),
    "unknown steps": (
        CountsSteps,
        "TypeError: unsupported operand type(s) for /: 'int' and 'NoneType' in on_train_batch_end "
        "of epoch 0, batch 0",
    ),
    "NaN first": (
        KeepsTheFirst,
        "stops in on_epoch_end of epoch 4, though every value from there on is the best so far",
    ),
    "NaN later": (
        Averages,
        "stops in on_epoch_end of epoch 7, though every value from there on is the best so far",
    ),
    "inf first": (
        Averages,
        "stops in on_epoch_end of epoch 5, though every value from there on is the best so far",
    ),
    "inf later": (
        Rounds,
        "OverflowError: cannot convert float infinity to integer in on_epoch_end of epoch 2",
    ),
    "initial_epoch": (
        CountsEpochs,
        "IndexError: list index out of range in on_epoch_end of epoch 3",
    ),
    "steps_per_execution": (
        EveryBatch,
        "AssertionError in on_train_batch_end of epoch 0, batch 2",
    ),
    "evaluate only": (
        NeedsTraining,
        "AttributeError: 'NeedsTraining' object has no attribute 'seen' in on_test_begin",
    ),
    "predict only": (
        NeedsTraining,
        "AttributeError: 'NeedsTraining' object has no attribute 'seen' in on_predict_begin",
    ),
    "stopped by another": (
        GoesOn,
        "takes back the stop of a callback in front of it: 5 epochs run",
    ),
    "stopped mid-epoch": (WholeEpochs, "AssertionError in on_epoch_end of epoch 1"),
    "before the built-ins": (
        RemovesLoss,
        "TerminateOnNaN raises TypeError: ufunc 'isnan' not supported for the input types, and "
        "the inputs could not be safely coerced to any supported types according to the casting "
        "rule ''safe'' in on_train_batch_end of epoch 0, batch 0",
    ),
    "behind the built-ins": (
        RefusesOthers,
        "AssertionError in on_epoch_end of epoch 0",
    ),
    "two fits": (
        NeverReset,
        "the second fit stops in on_epoch_end of epoch 0; the first stops in on_epoch_end of "
        "epoch 10",
    ),
    "attributes reset": (Collects, "losses has 20 items after a fit, and 40 after the next"),
    "after an exception": (
        OneAtATime,
        "AttributeError: 'OneAtATime' object has no attribute 'missing' in on_train_begin",
    ),
    "two instances": (
        Shares,
        "Shares.seen belongs to the class and has grown: all instances share it",
    ),
    "one container": (
        SharesDefault,
        "seen is one list for all instances, and training changes it",
    ),
    "module state": (
        RemembersInModule,
        "BEST of the module careless is another after training",
    ),
    "deep copy": (
        HandsOn,
        "making a deep copy raises RecursionError: maximum recursion depth exceeded",
    ),
    "pickling": (
        HandsOn,
        "making a pickled copy raises RecursionError: maximum recursion depth exceeded",
    ),
    "shared logs": (OverwritesLoss, "overwrites 'loss' in the logs in on_epoch_end of epoch 0"),
    "learning rate left": (LeavesRate, "leaves the rate at 1e-07 in on_train_end"),
    "learning rate schedule": (
        ReducesTooLate,
        "sets a rate, which Keras refuses in on_epoch_end of epoch 4",
    ),
    "settings with effect": (
        FreezesTooLate,
        "sets layers[1].trainable from True to False in on_epoch_begin of epoch 1, and nothing "
        "comes of it",
    ),
    "attributes of the model": (
        MarksModel,
        "leaves model.marked_by behind, set in on_train_begin",
    ),
    "weights by reference": (
        KeepsVariables,
        "self.weights has the model's own variables since on_epoch_end of epoch 0",
    ),
    "resumed": (
        SavesTheFirst,
        "in another process saves weights in epoch 5, though it wrote best.weights.h5",
    ),
    "open files": (LeavesFile, "leaves open.log open after on_train_end"),
    "figures": (
        OpensFigures,
        "opens 1 figure of matplotlib in each epoch, and closes none of them",
    ),
    "temporary files": (
        LeavesTemporary,
        "leaves best-…/, tmp….log in the folder for temporary files, and more with each fit",
    ),
    "threads": (LeavesThread, "leaves 1 thread after a fit, 2 after two"),
    "environment": (LeavesVariable, "leaves the environment variable CARELESS"),
    "working directory": (LeavesFolder, "leaves another working directory"),
    "signal handlers": (LeavesHandler, "leaves a handler of its own for SIGTERM"),
    "global random state": (Seeds, "changes the state of numpy.random, random"),
    "warning filters": (Silences, "leaves a warning filter: ('ignore', 'UserWarning')"),
    "streams": (TakesStdout, "leaves another sys.stdout"),
    "closed streams": (ClosesStdout, "leaves sys.stdout closed"),
    "garbage collection": (CollectsNothing, "leaves garbage collection off"),
    "recursion limit": (GoesDeep, "leaves the recursion limit at 7654"),
    "trace functions": (HearsCalls, "leaves a function of its own with sys.settrace"),
    "Keras settings": (SetsFloats, "leaves keras.config.epsilon changed"),
    "output per batch": (
        WritesEachBatch,
        "writes files in 42 of 42 batches, such as batch-1.txt",
    ),
    "slow hooks": (Sleeps, "on_train_batch_end takes more than 2 ms; dryfit bench says how long"),
}


# What is a remark: `fit` never does this.
REMARKS: dict[str, tuple[type, str]] = {
    "empty logs": (ReadsAccuracy, "KeyError: 'accuracy' in on_epoch_end of epoch 0"),
    "logs=None": (
        ReadsLogs,
        "AttributeError: 'NoneType' object has no attribute 'get' in on_train_batch_end of "
        "epoch 0, batch 0",
    ),
}


# Twins of the careless ones, which do the same and do it well.
SOUND: dict[str, tuple[type, str]] = {
    "NaN first": (KnowsItsBest, "decides later epochs as it does without"),
    "one container": (OwnDefault, "each instance has its own"),
    "module state": (ReadsModule, "what it remembers, it keeps in itself"),
    "learning rate schedule": (LooksFirst, "comes to its end"),
    "settings with effect": (
        FreezesInTime,
        "sets layers[1].trainable from True to False in on_train_begin, and it has an effect",
    ),
    "attributes of the model": (TakesMarkAway, "leaves none"),
    "weights by reference": (
        KeepsValues,
        "keeps no variables of the model as if they were values",
    ),
    "resumed": (KnowsItsBest, "decides nothing"),
    "figures": (DrawsAnew, "leaves 1 for all epochs"),
    "temporary files": (RemovesTemporary, "all are gone"),
    "closed streams": (ClosesItsOwn, "as before"),
    "garbage collection": (CollectsAgain, "as before"),
    "recursion limit": (ComesUpAgain, "as before"),
    "trace functions": (HearsForAWhile, "as before"),
    "output per batch": (WritesEachEpoch, "no file and no line for each batch"),
}
