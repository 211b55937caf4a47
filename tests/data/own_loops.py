"""Training loops as people write them, called in place of fit."""

import keras


def whole(model, callbacks, epochs):
    """Calls every hook that fit calls."""
    callbacks = keras.callbacks.CallbackList(
        callbacks, add_history=True, model=model, epochs=epochs, steps=2
    )
    callbacks.on_train_begin()
    for epoch in range(epochs):
        callbacks.on_epoch_begin(epoch)
        for batch in range(2):
            callbacks.on_train_batch_begin(batch)
            logs = model.train_on_batch(None, None, return_dict=True)
            callbacks.on_train_batch_end(batch, logs)
        callbacks.on_test_begin()
        callbacks.on_test_batch_begin(0)
        tested = model.test_on_batch(None, None, return_dict=True)
        callbacks.on_test_batch_end(0, tested)
        callbacks.on_test_end(tested)
        logs |= {f"val_{name}": value for name, value in tested.items()}
        callbacks.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    callbacks.on_train_end(logs)


def forgetful(model, callbacks, epochs):
    """Never begins an epoch, and never ends the training."""
    callbacks = keras.callbacks.CallbackList(callbacks, model=model)
    callbacks.on_train_begin()
    for epoch in range(epochs):
        for batch in range(2):
            callbacks.on_train_batch_begin(batch)
            callbacks.on_train_batch_end(batch, {"loss": model.train_on_batch()})
        callbacks.on_epoch_end(epoch, {"loss": 1.0})


def silent(model, callbacks, epochs):
    """Calls no hook at all."""
    for _ in range(epochs):
        model.train_on_batch()


def late(model, callbacks, epochs):
    """Does not look at stop_training, as many do not."""
    callbacks = keras.callbacks.CallbackList(callbacks, add_history=True, model=model)
    callbacks.on_train_begin()
    for epoch in range(epochs):
        callbacks.on_epoch_begin(epoch)
        for batch in range(2):
            callbacks.on_train_batch_begin(batch)
            logs = model.train_on_batch(return_dict=True)
            callbacks.on_train_batch_end(batch, logs)
        callbacks.on_epoch_end(epoch, logs)
    callbacks.on_train_end(logs)
