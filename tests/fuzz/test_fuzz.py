"""Every reader, given odd inputs: a stable value or one of its typed errors. `make fuzz` goes on longer."""

from __future__ import annotations

import importlib
import json
import pkgutil
from random import Random

import fuzz_samples as samples
import pytest
from fuzz_readers import READERS, Reader
from hypothesis import given, settings
from hypothesis import strategies as st

import debate_core.documents
from debate_core.documents.base import Document

BY_NAME = {reader.name: reader for reader in READERS}

_PLAN = samples.PLAN
TWO_OF_ONE_INDEX = {
    "plan": _PLAN | {"windows": [*_PLAN["windows"], _PLAN["windows"][0]]},
    "windows": [samples.window(0, 0.0), samples.window(1, 30.0), samples.window(0, 0.0)],
}

FOUND = [
    # What fuzzing has found, each mended in the commit that put it here.
    (
        "DebateJob.from_yaml",
        b"a0: &a0 {x: 1}\n" + b"".join(b"a%d: &a%d {<<: [*a%d, *a%d]}\n" % (i, i, i - 1, i - 1) for i in range(1, 99)),
    ),
    ("DebateJob.from_yaml", b"[" * 100_000),
    ("DebateJob.from_yaml", b"jobId: 2026-99-99"),
    ("DebateJob.from_yaml", b"run: " + b"9" * 5000),
    ("DebateJob.from_yaml", b"!!timestamp x"),
    ("DebateJob.from_yaml", b'{"metadata": {"name": "a", "uid": "\\ud800"}, "spec": {"source": {"file": "a"}}}'),
    ("config.yaml of a pipeline", b"pipeline: {name: !!int '', params: {}}"),
    ("settings of the operator", b"? " * 50_000),
    ("--manifest", b"[" * 100_000),
    ("remembered hashes", b'{"files": 1.0}'),
    ("remembered hashes", b"[" * 100_000),
    ("finish", json.dumps(TWO_OF_ONE_INDEX).encode()),
    ("open_store", b"\x00.store"),
    ("open_store", b"s3://[::1"),
]


def test_every_document_has_a_reader() -> None:
    for module in pkgutil.iter_modules(debate_core.documents.__path__):
        importlib.import_module(f"debate_core.documents.{module.name}")
    documents = {kind for kind in Document.__subclasses__() if kind.__module__.startswith("debate_core.")}
    assert {reader.document for reader in READERS if reader.document} == documents
    assert len(BY_NAME) == len(READERS)


@pytest.mark.parametrize("name", BY_NAME)
def test_samples_are_accepted(name: str) -> None:
    reader = BY_NAME[name]
    for sample in reader.samples:
        assert reader.check(reader.plain(sample))


@pytest.mark.parametrize("name", [reader.name for reader in READERS if reader.document])
def test_samples_use_every_field(name: str) -> None:
    reader = BY_NAME[name]
    assert reader.document is not None
    assert all(sample.keys() == reader.document.model_fields.keys() for sample in reader.samples)


@pytest.mark.parametrize(("name", "data"), FOUND, ids=[f"{name} {data[:12]!r}" for name, data in FOUND])
def test_found_once(name: str, data: bytes) -> None:
    BY_NAME[name].check(data)


# The same inputs on every run, so that a test that passed yesterday fails today for a change alone.
@pytest.mark.parametrize("name", BY_NAME)
@settings(max_examples=120, deadline=None, derandomize=True, database=None)
@given(rng=st.randoms(use_true_random=False))
def test_nothing_but_typed_errors(name: str, rng: Random) -> None:
    reader: Reader = BY_NAME[name]
    reader.check(reader.input(rng))
