"""Valid documents made odd: by their structure (drop, retype, swap, splice, extremes), then by their bytes.

Every choice is drawn from one `random.Random`: hypothesis hands in its own, and shrinks what it finds; the long run
hands in a seeded one, which costs a fiftieth of the time.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from fuzz_samples import AT

# What JSON can say and json.dumps cannot: stands in the tree as a marked text, and in the bytes as it is.
_MARK = "@raw@"
RAW = (
    "1e999",
    "-1e999",
    "NaN",
    "Infinity",
    "9" * 400,
    "9" * 5000,
    "-0.0",
    "1e-400",
    "0.1e+1",
    "01",
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    "[" * 300 + "]" * 300,
    '{"a":' * 300 + "1" + "}" * 300,
    "",
    "undefined",
)
INTEGERS = (0, -1, 1, 2, 63, 2**31 - 1, 2**31, -(2**31), 2**53 + 1, 2**63 - 1)
FLOATS = (0.0, -0.0, 0.5, 1.0, 0.99999, 1.0005, 59.9999, 1e-9, 1e9, 1e12, 1e15, 1e300, 1.7e308, -0.5, -1e300)
NUMBERS = (*INTEGERS, *FLOATS, 2**63, 10**30)
TEXTS = (
    "",
    " ",
    "0",
    "null",
    "true",
    "auto",
    "x" * 300,
    "x" * 5000,
    "\x00",
    "a\nb",
    "a\u2028b\x85c\x1cd",
    "../../etc/passwd",
    "jobs/../x",
    ".hidden",
    "\u202eabc",
    "😀" * 30,
    "e\u0301",
    "<b>&--> x",
    "SPEAKER_00",
    "UNKNOWN",
    "a" * 63,
    "2026-99-99",
    "1:60:60",
    "NaN",
    "%2e%2e%2f",
    "s3://a/b",
    "http://[::1",
    "__proto__",
)
TIMES = (
    AT,
    "2026-05-04T12:00:00.123456789Z",
    "2026-05-04T12:00:00",
    "2026-05-04",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999-23:59",
    "2026-05-04T24:00:00Z",
    "2026-05-04T12:00:60Z",
    "1700000000",
)
VALUES = (None, True, False, [], {}, [[]], [{}], {"": None}, {"a": {"b": []}})
BYTES = (
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",  # half a character in UTF-8
    b"\xef\xbb\xbf",
    b"\xc0\x80",
    b"\xf4\x90\x80\x80",
    b"\r",
    b"\n\n",
    b"\t",
    b" ",
    b",",
    b":",
    b"]",
    b"}",
    b"[",
    b"{",
    b'"',
    b"\\",
    b"-",
    b"1e999",
    b"NaN",
)
YAML = (
    b"&a ",
    b"*a",
    b"<<: *a\n",
    b"? ",
    b"- ",
    b"| ",
    b"> ",
    b"%YAML 9.9\n---\n",
    b"---\n",
    b"...\n",
    b"!!int ",
    b"!!float x",
    b"!!bool ",
    b"!!null ",
    b"!!timestamp x",
    b"!!binary ",
    b"!!set {",
    b"!!omap [",
    b"!!python/object/apply:os.system ",
    b"!x ",
    b".inf",
    b".nan",
    b"0x_",
    b"0b_",
    b"1:60",
    b"2026-99-99",
    b"~",
    b"yes",
    b"# ",
    b"'",
    b"@",
    b"`",
    b"=",
    b'"\\ud800"',
    b'"\\x00"',
)

KEPT = ("", "metadata", "name", "namespace", "uid", "resourceVersion", "debatejob", "job", "pod", "message", "progress")
"""What every object of the API server has (`""` is itself), and where the objects of a bundle are."""

Mutation = Callable[[Any, Sequence[Any], Random], bytes]
"""(a sample, other samples to splice from, the choices) -> what a reader is given."""


def json_like(sample: Any, others: Sequence[Any], rng: Random) -> bytes:
    """A document with a few odd places, mostly still JSON."""
    return _bytewise(_json(_edited(sample, others, rng, _odd), rng), BYTES, rng, often=0.3)


def yaml_like(sample: Any, others: Sequence[Any], rng: Random) -> bytes:
    """The same as YAML: a document a line a field, with anchors, tags and tabs thrown in."""
    tree = _edited(sample, others, rng, _odd)
    text = _json(tree, rng) if rng.random() < 0.3 else _block(tree, 0).encode("utf-8", "surrogatepass")
    return _bytewise(text, (*BYTES, *YAML), rng, often=0.6)


def resource(sample: Any, others: Sequence[Any], rng: Random) -> bytes:
    """An object as the API server might have it: it keeps every field's type, and who the object is."""
    return json.dumps(_edited(sample, (), rng, _same_type, keep=KEPT)).encode()


def text_like(sample: Any, others: Sequence[Any], rng: Random) -> bytes:
    """Text with its lines and fields shuffled, doubled, dropped."""
    lines = [line.split(" ") for line in sample.split("\n")]
    for _ in range(rng.randint(0, 3)):
        line = rng.choice(lines)
        at = rng.randrange(len(line)) if line else 0
        kind = rng.randint(0, 4)
        if kind == 0:
            line[at : at + 1] = []
        elif kind == 1:
            line.insert(at, rng.choice(TEXTS))
        elif kind == 2:
            line[at : at + 1] = [str(rng.choice(NUMBERS))]
        elif kind == 3:
            lines.insert(rng.randrange(len(lines) + 1), list(line))
        else:
            rng.shuffle(lines)
    text = "\n".join(" ".join(line) for line in lines)
    return _bytewise(text.encode("utf-8", "surrogatepass"), BYTES, rng, often=0.5)


def _edited(
    sample: Any,
    others: Sequence[Any],
    rng: Random,
    value_for: Callable[[Any, Random], Any],
    keep: Sequence[str] = (),
) -> Any:
    """A copy of the tree with up to three edits; none of them at a key of `keep`."""
    tree = {"": copy.deepcopy(sample)}
    for _ in range(rng.choice((0, 1, 1, 1, 1, 2, 2, 3))):
        places = [(parent, key) for parent, key in _places(tree) if key not in keep]
        parent, key = rng.choice(places)
        kind = rng.randint(0, 11)
        if kind == 0 and parent is not tree:
            del parent[key]
        elif kind == 1 and others:
            parent[key] = copy.deepcopy(rng.choice([p[k] for p, k in _places({"": rng.choice(others)})]))
        elif kind == 2 and others:
            other, name = rng.choice(places)
            parent[key], other[name] = copy.deepcopy(other[name]), copy.deepcopy(parent[key])
        elif kind == 3 and isinstance(parent, list):
            parent.insert(rng.randrange(len(parent) + 1), copy.deepcopy(parent[key]))
        elif kind == 4 and isinstance(parent, dict) and others and parent is not tree:
            parent[rng.choice(TEXTS)] = parent.pop(key)
        else:
            parent[key] = value_for(parent[key], rng)
    return tree[""]


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    inside = list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree)) if isinstance(tree, list) else []
    for key, value in inside:
        yield tree, key
        yield from _places(value)


def _odd(value: Any, rng: Random) -> Any:
    """Another value of the same type, more often than something else: what is refused at once tests little."""
    kind = rng.randint(0, 9)
    if kind == 0:
        return _MARK + rng.choice(RAW)
    if kind == 1:
        return copy.deepcopy(rng.choice(VALUES))
    if kind == 2:
        return rng.choice((rng.choice(TEXTS), rng.choice(NUMBERS)))
    return _same_type(value, rng)


def _same_type(value: Any, rng: Random) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return rng.choice((value, 2 * value, *INTEGERS))
    if isinstance(value, float):
        return rng.choice((value / 2, value * 2, -value, *FLOATS))
    if isinstance(value, str):
        return rng.choice(TIMES if value[:4].isdigit() else TEXTS)
    return type(value)() if value is not None else None


def _json(tree: Any, rng: Random) -> bytes:
    text = json.dumps(tree, ensure_ascii=rng.random() < 0.5)
    for raw in RAW:
        text = text.replace(json.dumps(_MARK + raw), raw)
    return text.encode("utf-8", "surrogatepass")


def _block(tree: Any, depth: int) -> str:
    """Block style by hand: PyYAML's own writer would quote away what is odd."""
    pad = "  " * depth
    if isinstance(tree, dict) and tree:
        return "".join(
            f"{pad}{json.dumps(str(key)) if not str(key).isalnum() else key}:{_beside(value, depth)}"
            for key, value in tree.items()
        )
    if isinstance(tree, list) and tree:
        return "".join(f"{pad}-{_beside(value, depth)}" for value in tree)
    if isinstance(tree, str) and not tree.startswith(_MARK) and tree.isprintable() and len(tree) % 3:
        return f"{pad}{tree}\n"  # plain: whatever YAML makes of it
    if isinstance(tree, str) and tree.startswith(_MARK):
        return f"{pad}{tree.removeprefix(_MARK)}\n"
    return f"{pad}{json.dumps(tree)}\n"


def _beside(value: Any, depth: int) -> str:
    deeper = isinstance(value, dict | list) and bool(value)
    return "\n" + _block(value, depth + 1) if deeper else " " + _block(value, 0)


def _bytewise(data: bytes, tokens: Sequence[bytes], rng: Random, *, often: float) -> bytes:
    """Up to three edits of the bytes, in so many of the cases."""
    if rng.random() >= often:
        return data
    for _ in range(rng.randint(1, 3)):
        at, to = sorted((rng.randint(0, len(data)), rng.randint(0, len(data))))
        to = min(to, at + 40)
        kind = rng.randint(0, 5)
        if kind == 0:
            data = data[:at]
        elif kind == 1:
            data = data[:at] + data[to:]
        elif kind == 2:
            data = data[:to] + data[at:]
        elif kind == 3:
            data = data[:at] + bytes([rng.randint(0, 255)]) + data[at + 1 :]
        else:
            data = data[:at] + rng.choice(tokens) * rng.choice((1, 1, 1, 2, 200)) + data[at:]
    return data
