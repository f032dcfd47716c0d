"""The models' index: it vouches for every byte, and the repository's own is up to date."""

import hashlib
import json
from pathlib import Path

import pytest
from demo_models.index import DEMO_MODELS, Model, digests, index

MODELS = Path(__file__).parents[3] / "examples" / "models"


def test_digests_are_of_every_file_by_its_relative_path(tmp_path: Path) -> None:
    (tmp_path / "plda").mkdir()
    (tmp_path / "plda" / "b.npz").write_bytes(b"two")
    (tmp_path / "a.bin").write_bytes(b"one")
    assert digests(tmp_path) == {
        "a.bin": {"sha256": hashlib.sha256(b"one").hexdigest(), "bytes": 3},
        "plda/b.npz": {"sha256": hashlib.sha256(b"two").hexdigest(), "bytes": 3},
    }
    assert list(digests(tmp_path)) == ["a.bin", "plda/b.npz"]


def test_an_absent_model_is_an_error(tmp_path: Path) -> None:
    model = Model("transcription", "none", "1", "Knows nothing.")
    with pytest.raises(FileNotFoundError, match="no model files"):
        index(tmp_path, (model,))


def test_the_repositorys_index_matches_its_files() -> None:
    assert json.loads((MODELS / "index.json").read_text(encoding="utf-8")) == index(MODELS)


def test_both_models_say_what_they_do_not_know() -> None:
    assert [model.role for model in DEMO_MODELS] == ["transcription", "diarization"]
    assert all(model.notice.endswith(".") for model in DEMO_MODELS)
