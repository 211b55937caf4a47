"""Build the wheel and compare its files with the two packages, one by one."""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = {"dryfit": ROOT / "harness", "dryfit_fakes": ROOT / "fakes"}
SUFFIXES = (".py", ".typed", ".html", ".css", ".js", ".json", ".txt")
METADATA = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}


def main() -> int:
    """Return 1 and say what differs if the wheel is not exactly the packages."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "build", "--wheel", "--outdir", folder, str(ROOT)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (wheel,) = Path(folder).glob("*.whl")
        names = set(zipfile.ZipFile(wheel).namelist())
        (metadata,) = (name for name in names if name.endswith("/METADATA"))
        linked = b"\nProject-URL:" in zipfile.ZipFile(wheel).read(metadata)
    info = f"{'-'.join(wheel.name.split('-')[:2])}.dist-info"
    expected = {f"{info}/{name}" for name in METADATA}
    for package, root in SOURCES.items():
        files = (p for p in (root / package).rglob("*") if p.suffix in SUFFIXES)
        expected |= {str(path.relative_to(root)) for path in files}
    for name in sorted(names ^ expected):
        print(f"{'not expected in' if name in names else 'missing from'} the wheel: {name}")
    print(f"{wheel.name}: {len(names)} files, {len(names ^ expected)} differ from the packages")
    if linked != bool(os.environ.get("DRYFIT_ADDRESS")):
        print("DRYFIT_ADDRESS and links to the project: one is there without the other")
        return 1
    return int(names != expected)


if __name__ == "__main__":
    sys.exit(main())
