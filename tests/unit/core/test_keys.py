"""Storage keys: each template is its parser's inverse, and nothing from outside leaves its prefix."""

import posixpath
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from debate_core import keys
from debate_core.ids import InvalidName
from debate_core.keys import KeyTemplate, check_key, check_prefix

TEMPLATES = {name: value for name, value in vars(keys).items() if isinstance(value, KeyTemplate)}
OBJECTS = {name: template for name, template in TEMPLATES.items() if not template.template.endswith("/")}

# Written again, not taken from keys.py: a pattern that is widened by mistake must fail here.
FIELDS: dict[str, st.SearchStrategy[str]] = {
    "job_id": st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}", fullmatch=True),
    "name": st.from_regex(r"[a-z0-9_-][a-z0-9._-]{0,79}", fullmatch=True),
    "ext": st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True),
    "filename": st.from_regex(r"[a-z0-9_-][a-z0-9._-]{0,79}\.words\.json", fullmatch=True),
    "step": st.sampled_from(["prepare", "analyze", "finish", "stats"]),
    "shard": st.integers(0, 99_999).map(str),
    "index": st.integers(0, 999_999).map(lambda number: f"{number:03d}"),
    "hash": st.from_regex(r"[0-9a-f]{8,64}", fullmatch=True),
    "uuid": st.uuids().map(str),
    "repo": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,40}/[A-Za-z0-9][A-Za-z0-9._-]{0,40}", fullmatch=True),
    "revision": st.from_regex(r"[0-9a-f]{40}|main|v[0-9.]{1,8}", fullmatch=True),
    "path": st.from_regex(r"([a-z_]{1,12}/){0,3}[A-Za-z0-9_]{1,20}\.[a-z]{1,6}", fullmatch=True),
}

GOOD = {"index": "000", "shard": "0", "hash": "0" * 8, "uuid": "0" * 8 + "-0000" * 3 + "-" + "0" * 12, "repo": "o/n"}

HOSTILE = [
    "",
    ".",
    "..",
    "../x",
    "../../etc/passwd",
    "a/../b",
    "a/..",
    "/a",
    "/",
    "a/",
    "a//b",
    "a/./b",
    ".hidden",
    "a/.hidden",
    "a\\b",
    "..\\x",
    "C:\\x",
    "%2e%2e",
    "a%2Fb",
    "a%5cb",
    "%00",
    "a\x00b",
    "a\nb",
    "a\r",
    "a\tb",
    "\x7f",
    "a\u2028b",
    "a\u202eb",
    "\ud800",
    "a" * 256,
    "a/" * 600 + "a",
]


@pytest.mark.parametrize("name", TEMPLATES)
@settings(max_examples=50)
@given(data=st.data())
def test_a_key_is_parsed_into_the_fields_it_was_built_of(name: str, data: st.DataObject) -> None:
    template = TEMPLATES[name]
    fields: dict[str, Any] = {field: data.draw(FIELDS[field], label=field) for field in template.fields}
    key = template.key(**fields)
    assert template.parse(key) == fields
    assert key.isascii()


@pytest.mark.parametrize("name", OBJECTS)
@settings(max_examples=50)
@given(data=st.data())
def test_no_key_is_of_two_kinds(name: str, data: st.DataObject) -> None:
    template = OBJECTS[name]
    key = template.key(**{field: data.draw(FIELDS[field]) for field in template.fields})
    assert [kind for kind, other in OBJECTS.items() if other.parse(key) is not None] == [name]


@pytest.mark.parametrize("name", [name for name, template in TEMPLATES.items() if template.fields])
def test_a_hostile_field_is_refused_in_every_template(name: str) -> None:
    template = TEMPLATES[name]
    fields: dict[str, Any] = {field: GOOD.get(field, "a") for field in template.fields}
    assert template.key(**fields)
    for field in fields:
        for hostile in HOSTILE:
            with pytest.raises(InvalidName):
                template.key(**fields | {field: hostile})


@pytest.mark.parametrize("name", TEMPLATES)
@settings(max_examples=50)
@given(data=st.data())
def test_whatever_is_put_in_a_field_the_key_stays_under_its_prefix(name: str, data: st.DataObject) -> None:
    template = TEMPLATES[name]
    anything = st.one_of(st.text(max_size=40), st.sampled_from(HOSTILE), st.text(alphabet="./\\%2ef\x00", max_size=12))
    fields: dict[str, Any] = {
        field: data.draw(st.one_of(FIELDS[field], anything), label=field) for field in template.fields
    }
    try:
        key = template.key(**fields)
    except InvalidName:
        return
    root = template.template.split("{")[0].rstrip("/")
    assert posixpath.normpath("/store/" + key).startswith(f"/store/{root}")
    assert key.count("/") >= template.template.count("/")
    assert template.parse(key) == fields


@given(st.text(max_size=60))
@example("jobs/a/owner.json\n")
@example("jobs/a/../b/owner.json")
@example("jobs//owner.json")
def test_only_what_a_template_builds_is_parsed(text: str) -> None:
    for template in TEMPLATES.values():
        fields = template.parse(text)
        if fields is not None:
            assert template.key(**fields) == text


def test_the_numbers_of_windows_and_shards_may_be_given_as_numbers() -> None:
    assert keys.WINDOW.key(job_id="a", index=7, hash="0123abcd") == "work/a/windows/007-0123abcd.json"
    assert keys.WINDOW.key(job_id="a", index=1234, hash="0123abcd") == "work/a/windows/1234-0123abcd.json"
    assert keys.STEP_RESULT.key(job_id="a", step="analyze", shard=12) == "work/a/results/analyze-12.json"


@pytest.mark.parametrize(("field", "value"), [("index", -1), ("index", "0007"), ("shard", "01"), ("shard", -1)])
def test_numbers_have_one_spelling(field: str, value: str | int) -> None:
    template = keys.WINDOW if field == "index" else keys.STEP_RESULT
    rest = {"hash": "0123abcd"} if field == "index" else {"step": "analyze"}
    with pytest.raises(InvalidName, match=field):
        template.key(job_id="a", **rest, **{field: value})


@pytest.mark.parametrize("fields", [{}, {"job_id": "a", "name": "b"}, {"jobid": "a"}])
def test_missing_and_unknown_fields_are_bugs(fields: dict[str, str]) -> None:
    with pytest.raises(TypeError, match="job_id"):
        keys.OWNER.key(**fields)


def test_the_keys_are_those_of_the_design() -> None:
    assert keys.TRANSCRIPT.key(job_id="j", name="n") == "jobs/j/transcripts/n_transcription.json"
    assert keys.AUDIO.key(job_id="j", name="n") == "jobs/j/transcripts/n.audio.m4a"
    assert keys.MEDIA.key(job_id="j", name="a.b", ext="mp4") == "jobs/j/videos/a.b.mp4"
    assert keys.MEDIA.parse("jobs/j/videos/a.b.mp4") == {"job_id": "j", "name": "a.b", "ext": "mp4"}
    assert keys.MANIFEST.key(job_id="j") == "manifest/j.json"
    assert keys.STAT_BY_JOB.key(job_id="j") == "statistics/by-job/j.json"
    assert keys.MODEL_FILE.key(repo="o/n", revision="main", path="plda/x.npz") == "models/o/n@main/plda/x.npz"


@pytest.mark.parametrize("key", HOSTILE)
def test_hostile_keys_and_prefixes_are_refused(key: str) -> None:
    with pytest.raises(InvalidName):
        check_key(key)
    with pytest.raises(InvalidName):
        check_prefix(f"{key}/")


@pytest.mark.parametrize("key", ["a", "jobs/a/job.json", "My Debate (1).mp4", "débat/дебаты.mp4", "100 % sure", "a..b"])
def test_keys_of_somebodys_bucket_are_accepted(key: str) -> None:
    assert check_key(key) == key


@pytest.mark.parametrize("prefix", ["", "jobs/", "jobs/a/"])
def test_prefixes_are_folders(prefix: str) -> None:
    assert check_prefix(prefix) == prefix


def test_a_prefix_that_could_mean_more_than_one_folder_is_refused() -> None:
    with pytest.raises(InvalidName, match="ends in '/'"):
        check_prefix("jobs/a")


@given(
    st.lists(st.sampled_from(["a", "b", ".", "..", "/", "//", "\\", "%2e", "%2F", "\x00", " ", "é", "-"]), max_size=8)
)
def test_an_accepted_key_never_leaves_the_folder_it_is_joined_to(pieces: list[str]) -> None:
    key = "".join(pieces)
    try:
        check_key(key)
    except InvalidName:
        return
    assert posixpath.normpath(f"/store/{key}") == f"/store/{key}"
    assert unquote(key) == key
