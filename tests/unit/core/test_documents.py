"""What all documents promise: strict JSON, rounded numbers, stable bytes, one older version, small last words."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from debate_core.documents.base import Document, Figure, InvalidDocument, Probability, Seconds
from debate_core.documents.models_index import ModelEntry, ModelsIndex
from debate_core.documents.schemas import PUBLISHED, schema
from debate_core.documents.step_result import TERMINATION_MESSAGE_BYTES, DoneStep, StepResult
from debate_core.documents.transcript import Transcript, Utterance, Word, Words
from debate_core.reasons import ExitCode, Reason
from debate_core.steps import BY_NAME, STEPS, STEPS_OF_MODE

ROOT = Path(__file__).parents[3]
SCHEMAS = ROOT / "docs" / "schemas"


class Sample(Document):
    """A document of version 3: it reads 2 as well."""

    VERSION: ClassVar[int] = 3

    schema_version: int = 3
    seconds: Seconds = 0.0
    probability: Probability = 0.0
    figure: Figure = 0.0
    text: str = ""


# Strict JSON


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "Invalid JSON"),
        ("{", "Invalid JSON"),
        ('{"seconds": 1,}', "Invalid JSON"),
        ("[]", "object"),
        ("null", "object"),
        ('{"seconds": NaN}', "seconds: .*finite"),
        ('{"seconds": Infinity}', "seconds: .*finite"),
        ('{"figure": -Infinity}', "figure: .*finite"),
        ('{"seconds": "1.0"}', "seconds: Input should be a valid number"),
        ('{"seconds": true}', "seconds: Input should be a valid number"),
        ('{"seconds": null}', "seconds: Input should be a valid number"),
        ('{"seconds": -0.001}', "seconds: .*greater than or equal to 0"),
        ('{"seconds": 1e11}', "seconds: .*less than or equal to 10000000000"),
        ('{"figure": -1e13}', "figure: .*greater than or equal to -1000000000000"),
        ('{"probability": 1.001}', "probability: .*less than or equal to 1"),
        ('{"text": 1}', "text: Input should be a valid string"),
        ('{"seconds": -1, "probability": 2}', r"\(and 1 more\)$"),
    ],
)
def test_refused(text: str, what: str) -> None:
    with pytest.raises(InvalidDocument, match=f"^Sample: .*{what}"):
        Sample.from_json(text)


def test_bytes_that_are_no_utf8_are_refused() -> None:
    with pytest.raises(InvalidDocument):
        Sample.from_json(b'{"text": "\xff"}')


@pytest.mark.parametrize("field", ["seconds", "probability", "figure"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_document_can_be_made_with_a_number_that_is_none(field: str, value: float) -> None:
    with pytest.raises(ValidationError):
        Sample(**{field: value})


def test_an_older_reader_survives_an_added_field() -> None:
    assert Sample.from_json('{"schema_version": 3, "text": "a", "added": 1}').text == "a"


# Versions


@pytest.mark.parametrize("version", [2, 3])
def test_this_version_and_the_one_before_are_read(version: int) -> None:
    assert Sample.from_json(f'{{"schema_version": {version}}}').schema_version == version


@pytest.mark.parametrize("version", [-1, 0, 1, 4, 99])
def test_other_versions_are_refused_with_what_to_do(version: int) -> None:
    with pytest.raises(InvalidDocument, match=f"schema_version {version} .*upgrade Debate Analyzer"):
        Sample.from_json(f'{{"schema_version": {version}}}')


@pytest.mark.parametrize("name", sorted(set(PUBLISHED) - {"debatejob", "transcript", "progress"}))
def test_every_stored_document_says_its_version(name: str) -> None:
    field = PUBLISHED[name].model_fields["schema_version"]

    assert field.default == getattr(PUBLISHED[name], "VERSION", None)


# Rounding and bytes


@given(st.floats(0, 1e9))
def test_seconds_have_three_decimals(value: float) -> None:
    written = json.loads(Sample(seconds=value).to_json())["seconds"]

    assert written == round(value, 3)


@given(st.floats(-1e9, 1e9))
def test_figures_have_four_decimals_and_no_negative_zero(value: float) -> None:
    text = Sample(figure=value).to_json().decode()

    assert json.loads(text)["figure"] == round(value, 4)
    assert '"figure":-0.0,' not in text


@given(st.floats(0, 1e6), st.floats(0, 1), st.floats(-1e6, 1e6), st.text(st.characters(codec="utf-8")))
def test_a_document_read_and_written_again_has_the_same_bytes(
    seconds: float, probability: float, figure: float, text: str
) -> None:
    data = Sample(seconds=seconds, probability=probability, figure=figure, text=text).to_json()

    assert Sample.from_json(data).to_json() == data


def test_text_stays_readable() -> None:
    assert "Příliš 😀" in Sample(text="Příliš 😀").to_json().decode()


def test_a_document_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Sample().text = "a"  # type: ignore[misc]


# The shape that existing readers know


def test_the_transcript_has_the_known_fields_and_no_other() -> None:
    utterance = Utterance(start=0, end=4.2, text="Good evening.", speaker="SPEAKER_00", confidence=0.93)
    transcript = Transcript(duration=5400, speakers_count=3, transcription=[utterance])

    assert json.loads(transcript.to_json()) == {
        "duration": 5400.0,
        "speakers_count": 3,
        "transcription": [
            {"start": 0.0, "end": 4.2, "text": "Good evening.", "speaker": "SPEAKER_00", "confidence": 0.93}
        ],
    }


def test_words_have_the_known_fields() -> None:
    word = Word(start=0, end=0.5, text="Good", probability=0.9, speaker="UNKNOWN")
    document = json.loads(Words(language="en", duration=1, words=[word]).to_json())

    assert set(document) == {"schema_version", "language", "duration", "words"}
    assert document["words"] == [{"start": 0.0, "end": 0.5, "text": "Good", "probability": 0.9, "speaker": "UNKNOWN"}]


# Last words


MESSAGES = [
    "",
    "short",
    "a" * 100_000,
    "😀" * 100_000,
    "\x00" * 100_000,  # six bytes each in JSON
    '"\\' * 50_000,
    "ž\u2028" * 50_000,
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda text: ascii(text[:2]))
@pytest.mark.parametrize("facts", [{}, {f"fact-{i}": "x" * 100 for i in range(100)}], ids=["no facts", "many facts"])
def test_the_termination_message_is_small_and_can_be_read(message: str, facts: dict[str, Any]) -> None:
    result = StepResult(
        step="prepare",
        shard=99_999,
        exit_code=14,
        reason=Reason.INTERRUPTIONS_EXHAUSTED,
        message=message,
        retry_after_seconds=1234.5,
        facts=facts,
        outputs={"transcript": "jobs/a/transcripts/" + "a" * 80 + "_transcription.json"},
        done=[DoneStep(step="analyze", facts={"windows": 3})],
    )

    data = result.termination_message()

    assert len(data) <= TERMINATION_MESSAGE_BYTES
    read = StepResult.from_json(data)
    assert (read.step, read.exit_code, read.reason) == (result.step, result.exit_code, result.reason)
    assert result.message.startswith(read.message)
    assert len(read.message) >= min(len(message), 500)


def test_a_long_link_costs_itself_and_not_what_the_operator_goes_by() -> None:
    done = [DoneStep(step="finish", facts={"words": 612}, outputs={"transcript": "t.json"})]
    facts: dict[str, Any] = {"windows": 3, "source_location": "https://a.example/" + "a" * 2000, "warnings": "w" * 2000}
    result = StepResult(step="prepare", exit_code=0, facts=facts, outputs={"media": "m.mp4"}, done=done)

    told = StepResult.from_json(result.termination_message())

    assert (told.facts, told.outputs, told.done) == ({"windows": 3}, result.outputs, done)


def test_a_small_result_loses_nothing() -> None:
    result = StepResult(step="finish", exit_code=0, facts={"windows": 3, "language": "en"}, outputs={"vtt": "a.vtt"})

    assert StepResult.from_json(result.termination_message()) == result


# Models


def entry(**changes: Any) -> ModelEntry:
    values: dict[str, Any] = {
        "role": "transcription",
        "name": "tiny",
        "repo": "owner/tiny",
        "revision": "1",
        "path": "owner/tiny@1",
        "files": {"a.bin": {"sha256": "0" * 64, "bytes": 1}, "b.bin": {"sha256": "1" * 64, "bytes": 2}},
    }
    return ModelEntry.model_validate(values | changes)


def test_a_models_digest_depends_on_its_files_alone() -> None:
    renamed = entry(name="other", license="MIT", path="elsewhere")
    reordered = entry(files=dict(reversed(entry().files.items())))

    assert renamed.digest == reordered.digest == entry().digest
    assert entry(files={"a.bin": {"sha256": "2" * 64, "bytes": 1}}).digest != entry().digest


def test_models_are_found_by_role_name_and_repo() -> None:
    other = entry(role="diarization", name="voices", repo="owner/voices")
    index = ModelsIndex(models=[entry(), other])

    assert index.find("transcription", "tiny") == index.find("transcription", "owner/tiny") == entry()
    assert index.find("transcription", None) == entry()
    assert index.find("diarization", None) == other
    assert index.find("transcription", "voices") is None


def test_the_demo_models_say_what_they_cannot_do() -> None:
    index = ModelsIndex.from_json((ROOT / "examples" / "models" / "index.json").read_bytes())

    assert [model.role for model in index.models] == ["transcription", "diarization"]
    assert all("only" in model.notice.lower() for model in index.models)


# Published schemas


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_schema_is_current_and_valid(name: str) -> None:
    text = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")

    assert text == schema(name), "run: .venv/bin/python -m debate_core.documents.schemas docs/schemas"
    jsonschema.Draft202012Validator.check_schema(json.loads(text))


def test_no_schema_is_published_for_a_document_that_is_gone() -> None:
    assert {path.name for path in SCHEMAS.iterdir()} == {f"{name}.schema.json" for name in PUBLISHED}


def test_a_written_document_fits_its_schema() -> None:
    result = StepResult(step="finish", exit_code=0, facts={"windows": 3, "note": None})

    jsonschema.validate(json.loads(result.to_json()), json.loads(schema("step-result")))


# Exit codes and steps: a table that other programs rely on

EXIT_CODES = {
    0: (False, False),  # done
    10: (True, False),  # invalid job
    11: (True, False),  # source gone, private or refused
    12: (False, True),  # source busy
    13: (True, False),  # media cannot be decoded
    14: (True, False),  # misconfigured
    15: (False, False),  # out of GPU memory at the smallest batch
    16: (False, True),  # store or credentials not reachable (yet)
    70: (False, False),  # bug
    75: (False, False),  # interrupted, checkpoint kept
}


def test_exit_codes() -> None:
    assert {int(code): (code.is_final, code.is_waiting) for code in ExitCode} == EXIT_CODES


def test_reasons() -> None:
    assert set(Reason) == {
        "InvalidSpec",
        "SourceUnavailable",
        "SourceBusy",
        "MediaUndecodable",
        "Misconfigured",
        "GpuOutOfMemory",
        "OutOfMemory",
        "StoreUnreachable",
        "NoCapacity",
        "DeadlineExceeded",
        "AttemptsExhausted",
        "InterruptionsExhausted",
        "JobIdTaken",
        "NameConflict",
        "InternalError",
    }


def test_each_step_follows_the_one_before() -> None:
    assert [step.name for step in STEPS] == ["prepare", "analyze", "finish"]
    assert [step.after for step in STEPS] == [None, "prepare", "analyze"]
    assert set(BY_NAME) == {step.name for step in STEPS}
    assert [step.name for step in STEPS_OF_MODE["DownloadOnly"]] == ["prepare"]
