"""What is in a run's folder: each file's text, or whose weights it has."""

import hashlib
import re
from pathlib import Path
from typing import Any

from dryfit_fakes.weights import MIXED, Weights

_TIME = re.compile(r"(all_model_checkpoint_timestamps|last_preserved_timestamp): ")


def files_in(folder: Path) -> dict[str, Weights | str]:
    """The files of a folder by their paths, with the weights in them or their text."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): _content(path) for path in paths}


def _content(path: Path) -> Weights | str:
    if path.suffix in (".h5", ".keras") or ".weights.h5" in path.name:
        return weights_in(path)
    if (found := _of_tensorflow(path)) is not None:
        return found
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        digest = hashlib.sha256(content).hexdigest()[:16]
        return f"binary, {len(content):,} bytes, sha256 {digest}"
    return text.replace("\r\n", "\n")


def _of_tensorflow(path: Path) -> Weights | str | None:
    """What is in a file that Keras 2 alone writes; ``None`` of any other."""
    from dryfit_fakes.releases import TENSORFLOW_SAVES_TOO

    if not TENSORFLOW_SAVES_TOO:
        return None
    if path.suffix == ".hdf5":
        return weights_in(path)
    if ".data-" in path.name:
        return _in_checkpoint(path)
    if path.suffix in (".index", ".pb"):
        return ""
    if path.name != "checkpoint":
        return None
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not _TIME.match(line))  # when it was written


def _in_checkpoint(path: Path) -> Weights | str:
    """Whose weights a checkpoint of TensorFlow's has: a scripted model's, or the real lane's."""
    import tensorflow as tf

    from dryfit_fakes.weights import TAG_SHAPE, decode

    if path.read_bytes()[:4] == b"\x89HDF":
        return weights_in(path)
    try:
        reader = tf.train.load_checkpoint(str(path).rpartition(".data-")[0])
    except Exception:  # which TensorFlow tells by errors of many kinds
        return MIXED
    shapes = reader.get_variable_to_shape_map()
    tags = [name for name, shape in shapes.items() if tuple(shape) == TAG_SHAPE]
    return decode(reader.get_tensor(tags[0])) if tags else MIXED


def weights_in(path: Path) -> Weights:
    """Whose weights a file has: a scripted model's, or the real lane's with its tag."""
    import io
    import zipfile

    import h5py

    from dryfit_fakes.weights import TAG_SHAPE, decode, decode_arrays

    source: Any = path
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                source = io.BytesIO(archive.read("model.weights.h5"))
        with h5py.File(source, "r") as file:
            if "scripted_model" in file:
                group = file["scripted_model"]
                return decode_arrays([group["kernel"][()], group["bias"][()]])
            tags: list[Any] = []
            file.visititems(
                lambda _, item: (
                    tags.append(item[()]) if getattr(item, "shape", None) == TAG_SHAPE else None
                )
            )
            return decode(tags[0]) if tags else MIXED
    except OSError:
        return MIXED
