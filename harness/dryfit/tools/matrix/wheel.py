"""A wheel of the dryfit that runs here, for environments that have none.

Made of the packages as they were imported: the same from a checkout, a wheel or
an archive, without a network and without what builds it.
"""

import hashlib
import zipfile
from importlib import metadata
from pathlib import Path

import dryfit
import dryfit_fakes

_WHEEL = "Wheel-Version: 1.0\nGenerator: dryfit\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same content is the same file


def content() -> dict[str, bytes]:
    """What the wheel has in it, by name, but for the record of it."""
    about = metadata.distribution("dryfit")
    folder = f"dryfit-{about.version}.dist-info"
    told = {
        f"{folder}/METADATA": about.read_text("METADATA") or "",
        f"{folder}/entry_points.txt": about.read_text("entry_points.txt") or "",
        f"{folder}/WHEEL": _WHEEL,
    }
    found = {name: text.encode() for name, text in told.items()}
    for package in (dryfit, dryfit_fakes):
        (root,) = (Path(path) for path in package.__path__)
        for file in sorted(root.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                found[file.relative_to(root.parent).as_posix()] = file.read_bytes()
    return found


def digest(files: dict[str, bytes]) -> str:
    """Say in short what is in it."""
    told = hashlib.sha256()
    for name, data in sorted(files.items()):
        told.update(f"{name}\0{hashlib.sha256(data).hexdigest()}\n".encode())
    return told.hexdigest()[:16]


def write(files: dict[str, bytes], folder: Path) -> Path:
    """Write the wheel into a folder."""
    about = next(name.partition("/")[0] for name in files if ".dist-info/" in name)
    record = "".join(f"{name},,\n" for name in [*files, f"{about}/RECORD"])
    wheel = folder / f"{about.removesuffix('.dist-info')}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**files, f"{about}/RECORD": record.encode()}.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
    return wheel
