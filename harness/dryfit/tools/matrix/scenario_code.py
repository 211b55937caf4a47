"""What a scenario's file says, and the code of the callbacks that it names."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

_MODULE = re.compile(r"\b([A-Za-z_]\w*(?:\.\w+)*):[A-Za-z_]\w*")


def said_of(file: Path, name: str) -> str:
    """The document of a file that a scenario stands in, without what it expects."""
    documents = re.split(r"(?m)^---.*\n", file.read_text(encoding="utf-8"))
    plain = name.rpartition(" [")[0] or name
    document = next((d for d in documents if plain in d), "")
    return re.sub(r"(?ms)^(expect|variants|about|known_defect):.*?(?=^\w|\Z)", "", document)


def code_of(said: str, file: Path, sources: Sequence[str]) -> str:
    """The code of the classes that it names."""
    files = modules_of(said, file, sources)
    return "\n".join(part for module, code in files for part in _classes(code, module, said))


def modules_of(said: str, file: Path, sources: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """The modules that it names: beside it, here, or wherever they came from.

    Args:
        said: what the file says of a scenario.
        file: the file.
        sources: the files of the modules that were loaded.
    """
    for module in dict.fromkeys(_MODULE.findall(said)):
        path = Path(*module.split("."))
        ends = (path.with_suffix(".py"), path / "__init__.py")
        places = [place / end for place in (file.parent, Path.cwd()) for end in ends]
        places += [Path(source) for source in sources if _is_one(Path(source), ends)]
        if (code := next((place for place in places if place.is_file()), None)) is not None:
            yield module, code


def _is_one(source: Path, ends: Sequence[Path]) -> bool:
    return any(source.parts[-len(end.parts) :] == end.parts for end in ends)


def _classes(path: Path, module: str, said: str) -> list[str]:
    """The code of those of its classes that are named."""
    code = path.read_text(encoding="utf-8")
    names = re.findall(rf"\b{re.escape(module)}:(\w+)", said)
    return [part for part in re.split(r"(?m)^(?=class |def )", code) if _begins(part, names)]


def _begins(part: str, names: Sequence[str]) -> bool:
    return re.match(r"(?:class|def) (\w+)", part) is not None and any(
        re.match(rf"(?:class|def) {name}\b", part) for name in names
    )
