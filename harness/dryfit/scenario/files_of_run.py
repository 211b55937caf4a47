"""What is in a run's folder: each file's text, or whose weights it has."""

import hashlib
from pathlib import Path
from typing import Any

from dryfit_fakes.weights import MIXED, Weights


def files_in(folder: Path) -> dict[str, Weights | str]:
    """The files of a folder by their paths, with the weights in them or their text."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): _content(path) for path in paths}


def _content(path: Path) -> Weights | str:
    if path.suffix in (".h5", ".keras") or ".weights.h5" in path.name:
        return weights_in(path)
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        digest = hashlib.sha256(content).hexdigest()[:16]
        return f"binary, {len(content):,} bytes, sha256 {digest}"
    return text.replace("\r\n", "\n")


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
