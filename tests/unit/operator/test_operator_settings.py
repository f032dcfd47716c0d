"""The settings file: checked whole, and every mistake named."""

from __future__ import annotations

from pathlib import Path

import pytest

from debate_operator.settings import Settings, SettingsInvalid

GOOD = """
namespaces: [debates]
store: {uri: s3://debates}
models: s3://debates/models
images: {cpu: worker:cpu, gpu: worker:gpu}
"""


def load(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    return Settings.load(path)


def test_little_has_to_be_said(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD)
    assert (settings.gpu.resource, settings.resync_seconds, settings.progress_url) == ("nvidia.com/gpu", 300, None)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "settings.yaml"),
        ("a: [", "cannot be read"),
        (GOOD.replace("models:", "modells:"), "models: Field required"),
        (GOOD + "resyncSecs: 5", "resyncSecs"),
        (GOOD + "resyncSeconds: 0", "resyncSeconds"),
        (GOOD + "gpu: {nodeSelektor: {}}", "gpu.nodeSelektor"),
        (GOOD.replace("[debates]", "[]"), "namespaces"),
        (GOOD + "backoff: {waitSeconds: -1}", "backoff.waitSeconds"),
        (GOOD.replace("worker:gpu", '""'), "images.gpu"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(SettingsInvalid, match=named):
        load(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"none\.yaml cannot be read"):
        Settings.load(tmp_path / "none.yaml")
