"""Where a scripted model's weights are kept: in arrays of its own, or in a lent model."""

import json
import weakref
import zipfile
from collections.abc import Sequence
from dataclasses import astuple
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from absl import logging
from numpy.typing import ArrayLike, NDArray

from dryfit_fakes.journal import fingerprint
from dryfit_fakes.protocols import FilePath, RealModel
from dryfit_fakes.several_optimizers import Scripted, put_state, state_of
from dryfit_fakes.weights import (
    INITIAL,
    MIXED,
    TAG_SHAPE,
    Array,
    Weights,
    decode_arrays,
    encode_arrays,
)

# keras/src/saving/saving_api.py, save_model (3.6 to 3.15)
_LEGACY = (
    "You are saving your model as an HDF5 file via `model.save()` or "
    "`keras.saving.save_model(model)`. This file format is considered legacy. We recommend using "
    "instead the native Keras format, e.g. `model.save('my_model.keras')` or "
    "`keras.saving.save_model(model, 'my_model.keras')`. "
)
_STAMP = "dryfit_weights"
_GROUP = "scripted_model"


class OwnWeights:
    """Two small arrays that say whose weights they are, and their files.

    Files are HDF5 under the names that Keras insists on; they hold the
    optimizer's state too, as Keras' do, and only a scripted model reads them.
    """

    def __init__(self, optimizer: Scripted) -> None:
        self._optimizer = optimizer
        self._now: Weights | list[Array] = INITIAL  # arrays are made when somebody asks

    edited = False  # nothing but the calls below reaches the arrays

    def mark(self, weights: Weights) -> None:
        """Train: the arrays become those of an identity."""
        self._now = weights

    def get_weights(self) -> list[Array]:
        """Copies of the arrays."""
        if isinstance(self._now, Weights):
            return encode_arrays(self._now)
        return [array.copy() for array in self._now]

    def set_weights(self, weights: Sequence[ArrayLike]) -> Weights:
        """Put arrays in; return whose they are.

        Raises:
            ValueError: another number of arrays, or other shapes.
        """
        expected = self.get_weights()
        if len(weights) != len(expected):
            raise ValueError(
                f"You called `set_weights(weights)` with a list of {len(weights)} arrays, "
                f"but the scripted model has {len(expected)}."
            )
        arrays = [np.array(array, dtype=np.float32) for array in weights]
        for old, new in zip(expected, arrays, strict=True):
            if old.shape != new.shape:
                raise ValueError(f"weights of shape {old.shape} cannot take shape {new.shape}")
        self._now = arrays
        return decode_arrays(arrays)

    def save(self, filepath: FilePath, overwrite: bool = True, zipped: bool | None = None) -> None:
        """Write a `.keras` or `.h5` file."""
        path = str(filepath)
        if not path.endswith((".keras", ".h5", ".hdf5")):
            raise ValueError(
                "Invalid filepath extension for saving. Please add either a `.keras` extension "
                "for the native Keras format (recommended) or a `.h5` extension. "
                f"Received: filepath={filepath}."
            )
        if not path.endswith(".keras"):
            logging.warning(_LEGACY)
        self._write(path, overwrite)

    def save_weights(
        self, filepath: FilePath, overwrite: bool = True, max_shard_size: float | None = None
    ) -> None:
        """Write a `.weights.h5` file."""
        path = str(filepath)
        if not path.endswith(".weights.h5"):
            raise ValueError(
                f"The filename must end in `.weights.h5`. Received: filepath={filepath}"
            )
        self._write(path, overwrite)

    def load_weights(self, filepath: FilePath, skip_mismatch: bool = False) -> Weights:
        """Read weights, and but for a full-model `.h5` the optimizer's state too."""
        path = str(filepath)
        if not path.endswith((".keras", ".h5", ".hdf5")):
            raise ValueError(
                f"File format not supported: filepath={filepath}. Keras 3 only supports V3 "
                "`.keras` files, `.weights.h5` files, and legacy H5 format files."
            )
        read = read_own(path)
        if path.endswith((".weights.h5", ".keras")):
            put_state(self._optimizer, read)
        return self.set_weights([read["kernel"], read["bias"]])

    def arrays(self) -> dict[str, Array]:
        """The weights and the optimizer's state, by their names in a file."""
        kernel, bias = self.get_weights()
        return {"kernel": kernel, "bias": bias, **state_of(self._optimizer)}

    def whose(self, weights: Weights) -> Weights:
        """Whose weights they are, that were those of an identity when they were settled."""
        return weights

    def _write(self, path: str, overwrite: bool) -> None:
        if not overwrite and Path(path).exists():
            raise FileExistsError(f"{path} exists, and overwrite=False")
        content = _filled_in(self.arrays())
        try:
            Path(path).write_bytes(content)
        except OSError:
            h5py.File(path, "w").close()  # which fails as it does for Keras
            raise


def read_own(path: str) -> dict[str, Any]:
    """The arrays in a file that a scripted model has written, by their names."""
    with h5py.File(path, "r") as file:
        if _GROUP not in file:
            raise ValueError(f"{path} was not written by a scripted model; it cannot load")
        return {name: item[()] for name, item in file[_GROUP].items()}


def _filled_in(numbers: dict[str, Array]) -> bytes:
    """The HDF5 file that has these arrays: writing one anew takes the library a millisecond."""
    image, places = _form(tuple((name, array.dtype.str) for name, array in numbers.items()))
    content = bytearray(image)
    for name, array in numbers.items():
        content[places[name] : places[name] + array.nbytes] = array.tobytes()
    return bytes(content)


@cache
def _form(items: tuple[tuple[str, str], ...]) -> tuple[bytes, dict[str, int]]:
    """An empty file, and where in it each array's bytes are."""
    shapes = {"kernel": TAG_SHAPE, "bias": TAG_SHAPE[:1]}
    with h5py.File("form", "w", driver="core", backing_store=False) as file:
        group = file.create_group(_GROUP)
        for name, dtype in items:
            group[name] = np.ones(shapes.get(name, ()), dtype)  # ones: zeros get no place
        file.flush()
        return file.id.get_file_image(), {n: item.id.get_offset() for n, item in group.items()}


class LentWeights:
    """The weights of a real model that is lent and does not train.

    They stay what they are, so they cannot say themselves whose they are: arrays
    are known again as objects, files by a stamp. A copy of arrays is `MIXED`,
    never a wrong epoch.
    """

    def __init__(self, model: RealModel) -> None:
        self._model = model
        self._put(INITIAL)
        self._given: dict[int, tuple[weakref.ref[Any], Weights]] = {}

    def mark(self, weights: Weights) -> None:
        """Train: from here on the weights count as those of an identity."""
        self._put(weights)

    def get_weights(self) -> list[NDArray[Any]]:
        """The real model's arrays."""
        arrays = self._model.get_weights()
        self._given = {k: v for k, v in self._given.items() if v[0]() is not None}
        self._given.update({id(a): (weakref.ref(a), self._now) for a in arrays})
        return arrays

    def set_weights(self, weights: Sequence[ArrayLike]) -> Weights:
        """Put arrays into the real model; return whose they are."""
        self._model.set_weights(weights)
        known = {self._whose(array) for array in weights}
        self._put(known.pop() if len(known) == 1 else MIXED)
        return self._now

    def save(self, filepath: FilePath, *args: object, **kwargs: object) -> None:
        """Save the real model, with a stamp that Keras passes over."""
        self._model.save(filepath, *args, **kwargs)
        self._stamp(str(filepath))

    def save_weights(self, filepath: FilePath, *args: object, **kwargs: object) -> None:
        """Save the real model's weights, with a stamp that Keras passes over."""
        self._model.save_weights(filepath, *args, **kwargs)
        self._stamp(str(filepath))

    def load_weights(self, filepath: FilePath, *args: object, **kwargs: object) -> Weights:
        """Load weights into the real model; a file without a stamp is nobody's."""
        self._model.load_weights(filepath, *args, **kwargs)
        self._put(_read_stamp(str(filepath)))
        return self._now

    @property
    def edited(self) -> bool:
        """Whether the real model's weights were changed behind our back."""
        return fingerprint(self._model.weights) != self._print

    def whose(self, weights: Weights) -> Weights:
        """Whose weights they are: nobody's, if they were edited."""
        return MIXED if self.edited else weights

    def _put(self, weights: Weights) -> None:
        self._now = weights
        self._print = fingerprint(self._model.weights)

    def _whose(self, array: object) -> Weights:
        reference, weights = self._given.get(id(array), (None, MIXED))
        return weights if reference is not None and reference() is array else MIXED

    def _stamp(self, path: str) -> None:
        stamp = json.dumps(astuple(self._now))
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path, "a") as archive:
                archive.writestr(f"{_STAMP}.json", stamp)
        else:
            with h5py.File(path, "r+") as file:
                file.attrs[_STAMP] = stamp


def _read_stamp(path: str) -> Weights:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            name = f"{_STAMP}.json"
            stamp = archive.read(name) if name in archive.namelist() else None
    else:
        with h5py.File(path, "r") as file:
            stamp = file.attrs.get(_STAMP)
    return MIXED if stamp is None else Weights(*json.loads(stamp))
