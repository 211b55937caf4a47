"""Records the trainings of a callback tutorial on its own Keras, into ``scenarios/tutorial``.

    python tests/curves/record_tutorial.py     # beside TensorFlow 2.15, whose keras is Keras 2

The network, the settings and the callbacks are the tutorial's, of November 2020; the images are
scikit-learn's digits, which nobody has to download. A recording that is there is made anew.
"""

from pathlib import Path

import numpy as np

from dryfit import Recorder, keras
from dryfit.tools.tutorial_cases import MyEarlyStopping, respectful_decay, step_decay

DIGITS = Path(__file__).parents[1] / "real" / "digits.csv.gz"
FOLDER = Path(__file__).parents[2] / "scenarios" / "tutorial"
callbacks = keras.callbacks
TRAININGS = {
    "own_early_stopping": lambda: [MyEarlyStopping(patience=5)],
    "early_stopping": lambda: [callbacks.EarlyStopping(monitor="val_loss", patience=5)],
    "checkpoints": lambda: [
        callbacks.ModelCheckpoint("weights.{epoch:02d}-{val_loss:.2f}.h5", save_weights_only=True)
    ],
    "plateau": lambda: [_plateau(0.5, 1e-5, 3)],
    "schedule": lambda: [callbacks.LearningRateScheduler(step_decay)],
    "plateau_and_schedule": lambda: [
        _plateau(0.1, 1e-7, 2),
        callbacks.LearningRateScheduler(respectful_decay),
    ],
}


def _plateau(factor: float, min_lr: float, patience: int) -> object:
    return callbacks.ReduceLROnPlateau(
        monitor="val_loss", factor=factor, min_lr=min_lr, patience=patience
    )


def network() -> object:
    """The tutorial's, for images of 8 by 8."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Flatten(input_shape=(8, 8)),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(10),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.RMSprop(learning_rate=0.1),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def main() -> None:
    """Record each."""
    data = np.loadtxt(DIGITS, delimiter=",")
    images, labels = data[:, :-1], data[:, -1]
    images = (images / 16.0).astype(np.float32).reshape(-1, 8, 8)[:1024]
    for name, made in TRAININGS.items():
        keras.utils.set_random_seed(1)
        file = FOLDER / f"{name}.scenario.yaml"
        fit = {"batch_size": 64, "epochs": 15, "validation_split": 0.5, "verbose": 0}
        recorder = Recorder(made(), save=file, verify=True)
        network().fit(images, labels[:1024], callbacks=[recorder], **fit)
        if name == "checkpoints":  # under names that Keras 3 refuses
            text = file.read_text(encoding="utf-8")
            file.write_text(text.replace("script:", "when: tf_keras>=2.15\nscript:", 1), "utf-8")
        print(f"wrote {file}")


if __name__ == "__main__":
    main()
