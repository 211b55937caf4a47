"""Damages the text or the bytes of a file, as disks, editors, people and enemies do."""

import re
from collections.abc import Callable, Sequence
from random import Random

# What readers of YAML, JSON, tables and names have stumbled over, as a value or a part of one.
HOSTILE = (
    *("[]", "{}", "~", "null", "''", "'", '"', "-", "- ", ": ", "?", "? [a]\n: b", "#", "\t", "|"),
    *(">-", "---", "...", "---\n", "%YAML 1.1\n---\n", "%TAG ! tag:x,2000:\n---\n", "&a", "*a"),
    *("&a [*a]", "<<: *a", "{<<: [a]}", "!!python/object:os.system x", "!!binary a", "!x", "!!set"),
    *("yes", "exakt", "never", "_", "...", ".5...", "1x3", "0x0", "1x-1", "1+0x9", "1-.1x1000000"),
    *(
        "-1",
        "0",
        "1e400",
        "-1e400",
        ".inf",
        "-.inf",
        ".nan",
        "inf",
        "nan",
        "Infinity",
        "NaN",
        "1_0",
    ),
    *("9" * 20, "9" * 5000, "0x" + "f" * 5000, "0o9", "0b1", "1:30:00", "2024-01-01", "=", "1e-9"),
    *(r'"\ud800"', r'"\U00110000"', r'"\x00"', r'"\N"', r'"\u202e"', r'"\e[31m"', r'"\q"'),
    *("\0", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ufeff", "\u202e", "\ud83d\ude00", "\U0001f600"),
    *(
        "\ud800",
        "é",
        "学习",
        "a" * 300,
        "学" * 200,
        "../" * 3,
        "/etc/passwd",
        "{epoch",
        "{run_dir}",
    ),
    *("{0}", "{epoch!r}", "{epoch:/>9}", "%s", "%(a)s", "$HOME", "<b>", "</script>", "]]>", "::"),
    *("[" * 50, "{a: " * 50, "- " * 50, "[" * 5000, '{"a":' * 5000, "(" * 200, "*" * 200),
    *("nan nan", "inf inf", "1 2 x", ",,,", ";", "\r", "\r\r\n", "\n\n", "epoch", "Epoch 1/2\n"),
    *("true", "false", "[null]", '[{"a": []}]', '{"": 0}', '{"loss": [[1]]}', "1.", ".", "+", "e"),
)
_NUMBER = re.compile(r"-?\d+\.?\d*")
_WORD = re.compile(r"\w+")
_VALUE = re.compile(r"(?<=: )\S[^\n,\]}]*|(?<=:)[^\s,\]}\n][^\n,\]}]*")


def damaged(random: Random, seeds: Sequence[bytes]) -> bytes:
    """Take one of some files and damage it, in one to four places."""
    data = random.choice(seeds)
    for _ in range(random.choice((1, 1, 1, 2, 2, 4))):
        data = random.choice(_WAYS)(random, data, random.choice(seeds))
    return data


def _place(random: Random, data: bytes) -> tuple[int, int]:
    start = random.randint(0, len(data))
    return start, min(len(data), start + random.choice((1, 1, 2, 5, 20, 200)))


def _bits(random: Random, data: bytes, other: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8))):
        if changed:
            changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _cut(random: Random, data: bytes, other: bytes) -> bytes:
    return data[: random.randint(0, len(data))]


def _left_out(random: Random, data: bytes, other: bytes) -> bytes:
    start, end = _place(random, data)
    return data[:start] + data[end:]


def _twice(random: Random, data: bytes, other: bytes) -> bytes:
    start, end = _place(random, data)
    return data[:end] + data[start:end] * random.choice((1, 1, 1, 3, 50)) + data[end:]


def _noise(random: Random, data: bytes, other: bytes) -> bytes:
    start, end = _place(random, data)
    return data[:start] + random.randbytes(end - start) + data[end:]


def _spliced(random: Random, data: bytes, other: bytes) -> bytes:
    return data[: random.randint(0, len(data))] + other[random.randint(0, len(other)) :]


def _lines(random: Random, data: bytes, other: bytes) -> bytes:
    lines, others = data.split(b"\n"), other.split(b"\n")
    at = random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            lines.insert(at, random.choice(others))
        case 1:
            lines[at] = random.choice(others)
        case 2:
            lines.insert(random.randrange(len(lines)), lines.pop(at))
        case _:
            lines[at] = b" " * random.choice((1, 2, 4)) + lines[at]
    return b"\n".join(lines)


def _inserted(random: Random, data: bytes, other: bytes) -> bytes:
    start = random.randint(0, len(data))
    return data[:start] + _hostile(random) + data[start:]


def _replaced(pattern: re.Pattern[str]) -> "Callable[[Random, bytes, bytes], bytes]":
    def replace(random: Random, data: bytes, other: bytes) -> bytes:
        text = data.decode("utf-8", "surrogateescape")
        found = list(pattern.finditer(text))
        if not found:
            return data
        chosen = random.choice(found)
        theirs = pattern.findall(other.decode("utf-8", "surrogateescape"))
        if theirs and random.random() < 0.4:
            new = random.choice(theirs).encode("utf-8", "surrogateescape")
        else:
            new = _hostile(random)
        before, after = text[: chosen.start()], text[chosen.end() :]
        encoded = (part.encode("utf-8", "surrogateescape") for part in (before, after))
        return new.join(encoded)

    return replace


def _hostile(random: Random) -> bytes:
    return random.choice(HOSTILE).encode("utf-8", "surrogatepass")


_WAYS = (
    *(_bits, _cut, _left_out, _twice, _noise, _spliced, _lines, _inserted),
    *(_replaced(_NUMBER), _replaced(_WORD), _replaced(_VALUE), _replaced(_VALUE)),
)
