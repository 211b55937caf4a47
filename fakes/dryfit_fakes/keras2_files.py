"""A scripted model's weights in the files of Keras 2: any name, and its ending says the format.

Source: ``tf_keras/src/saving/saving_api.py``, ``saving/legacy/save.py`` (2.21). A
checkpoint or a SavedModel has our HDF5 in place of TensorFlow's data.
"""

import errno
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from numpy.typing import ArrayLike

from dryfit_fakes.protocols import FilePath
from dryfit_fakes.several_optimizers import put_state
from dryfit_fakes.stores import OwnWeights, read_own
from dryfit_fakes.weights import Array, Weights, decode_arrays

_FILES = (".keras", ".h5", ".hdf5")
DATA = ".data-00000-of-00001"


class Keras2Weights(OwnWeights):
    """The arrays of `OwnWeights`, saved and loaded as Keras 2 does.

    Attributes:
        edited: whether a checkpoint of TensorFlow's was put back into them, and nothing trained
            or set them since.
    """

    def mark(self, weights: Weights) -> None:
        """Train: the arrays become those of an identity."""
        super().mark(weights)
        self.edited = False

    def set_weights(self, weights: Sequence[ArrayLike]) -> Weights:
        """Put arrays in; return whose they are."""
        self.edited = False
        return super().set_weights(weights)

    def put_back(self, arrays: Mapping[str, Array]) -> Weights:
        """Take arrays and the optimizer's state out of a checkpoint; return whose they are."""
        before = decode_arrays(self.get_weights())
        put_state(self._optimizer, arrays)
        weights = self.set_weights([arrays["kernel"], arrays["bias"]])
        self.edited = weights != before
        return weights

    def save(
        self, filepath: FilePath, overwrite: bool = True, *given: object, **more: object
    ) -> None:
        """Write a `.keras` or HDF5 file, or the folder of a SavedModel."""
        path = str(filepath)
        if path.endswith(_FILES):
            self._write_file(path, overwrite)
            return
        folder = Path(path)
        (folder / "variables").mkdir(parents=True, exist_ok=True)
        for name in ("saved_model.pb", "keras_metadata.pb", "fingerprint.pb"):
            (folder / name).write_bytes(b"")
        self._write_data(folder / "variables" / "variables", overwrite)

    def save_weights(
        self, filepath: FilePath, overwrite: bool = True, *given: object, **more: object
    ) -> None:
        """Write a `.weights.h5` or HDF5 file, or TensorFlow's checkpoint."""
        path = Path(filepath)
        if path.name.endswith(_FILES):
            self._write_file(str(path), overwrite)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        self._write_data(path, overwrite)
        path.with_name("checkpoint").write_text(
            f'model_checkpoint_path: "{path.name}"\nall_model_checkpoint_paths: "{path.name}"\n',
            encoding="utf-8",
        )

    def load_weights(self, filepath: FilePath, *given: object, **more: object) -> Weights:
        """Read weights; the optimizer's state comes with TensorFlow's checkpoint alone."""
        path = str(filepath)
        if path.endswith(_FILES):
            read = read_own(path)
        else:
            read = read_own(path + DATA)
            put_state(self._optimizer, read)
        return self.set_weights([read["kernel"], read["bias"]])

    def _write_data(self, path: Path, overwrite: bool) -> None:
        self._write_file(f"{path}{DATA}", overwrite)
        Path(f"{path}.index").write_bytes(b"")

    def _write_file(self, path: str, overwrite: bool) -> None:
        if Path(path).is_dir():  # as TensorFlow's own file system has it, in Keras' words
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        self._write(path, overwrite)
