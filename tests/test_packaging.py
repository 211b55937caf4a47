"""What a user installs: the wheel, and a Keras without any backend."""

import os
import re
import subprocess
import sys
import textwrap
from email import message_from_string
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ADDRESS = "https://example.org/a/dryfit"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel unpacked, as pip lays it out, with the project's address in it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    environment = {**os.environ, "DRYFIT_ADDRESS": f"{ADDRESS}/"}
    subprocess.run(
        [*command, str(folder), str(ROOT)], check=True, capture_output=True, env=environment
    )
    return folder


def test_the_wheel_lives_beside_a_projects_own_harness_and_fakes(
    site: Path, tmp_path: Path
) -> None:
    """A project with top-level folders of these names keeps them, and dryfit plays."""
    for name in ("harness", "fakes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("whose = 'the project'\n")
    (tmp_path / "test_it.py").write_text(
        textwrap.dedent(
            f"""
            import dryfit, dryfit_fakes, fakes, harness
            from keras.callbacks import EarlyStopping

            def test_it(scripted_fit):
                assert harness.whose == fakes.whose == "the project"
                assert dryfit.__file__.startswith({str(site)!r})
                assert dryfit_fakes.__file__.startswith({str(site)!r})
                stopping = EarlyStopping(monitor="loss", patience=1)
                assert scripted_fit({{"loss": "1x3"}}, [stopping]).stopped_epoch == 1
            """
        )
    )
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert "1 passed" in result.stdout, result.stdout


def test_the_address_is_in_what_an_index_shows(site: Path) -> None:
    """In the links beside the README, and in each of the README's own that led to a file."""
    (file,) = site.glob("dryfit-*.dist-info/METADATA")
    told = message_from_string(file.read_text(encoding="utf-8"))
    urls = [url.partition(", ")[::2] for url in told.get_all("Project-URL", [])]
    assert dict(urls)["Repository"] == ADDRESS
    assert [url for _, url in urls if not url.startswith(ADDRESS)] == []
    files = f"{ADDRESS}/blob/v{told['Version']}"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "](docs/real-lane.md)" in readme
    shown = told.get_payload()
    assert f"]({files}/docs/real-lane.md)" in shown
    assert f"]({ADDRESS}/raw/v{told['Version']}/docs/img/override.svg)" in shown
    assert re.findall(r"\]\((?!https?:|#)[^)]*\)", shown) == []


def test_no_backend_is_one_clear_error(tmp_path: Path) -> None:
    """The error names what Keras is set to, what is installed, and the extras."""
    code = textwrap.dedent(
        """
        import sys
        from importlib import machinery, util
        BACKENDS = ("tensorflow", "jax", "torch")

        class Path(machinery.PathFinder):  # an environment without them
            @classmethod
            def find_spec(cls, name, *args):
                return None if name in BACKENDS else machinery.PathFinder.find_spec(name, *args)

        sys.meta_path[sys.meta_path.index(machinery.PathFinder)] = Path
        import dryfit
        dryfit.play
        """
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert result.stderr.endswith(
        "ImportError: Keras is set to run on tensorflow, and tensorflow is not installed.\n"
        "Backends installed here: none.\n"
        "Install one of dryfit's extras: pip install 'dryfit[tensorflow-cpu]' (or "
        "dryfit[tensorflow], dryfit[jax], dryfit[torch]), or set KERAS_BACKEND to one that is "
        "installed.\n"
    )
