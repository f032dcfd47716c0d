"""Ids and names: what is accepted, what is refused, what is made."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debate_core.ids import InvalidName, check_ext, check_job_id, check_name, job_id_for, slug

UID = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"


@pytest.mark.parametrize("job_id", ["a", "0", "town-hall-2024", "a" * 63, "debate-"])
def test_job_ids_that_are_accepted(job_id: str) -> None:
    assert check_job_id(job_id) == job_id


@pytest.mark.parametrize(
    "job_id", ["", "-a", "A", "a_b", "a.b", "a/b", "..", "a" * 64, "a\n", "\u0430", "a b", "a\x00", "%2e", "é"]
)
def test_job_ids_that_are_refused(job_id: str) -> None:
    with pytest.raises(InvalidName, match="job id"):
        check_job_id(job_id)


@pytest.mark.parametrize("name", ["a", "_x", "a.b-c_d", "a" * 80, "a..b", "-abc"])
def test_names_that_are_accepted(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a" * 81, "A", "a/b", "a\\b", "a b", "a\n", "ä"])
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(InvalidName, match="media name"):
        check_name(name)


@pytest.mark.parametrize("ext", ["mp4", "s16", "m4a", "x" * 8])
def test_extensions_that_are_accepted(ext: str) -> None:
    assert check_ext(ext) == ext


@pytest.mark.parametrize("ext", ["", ".mp4", "MP4", "x" * 9, "a/b", "mp4\n", "tar.gz"])
def test_extensions_that_are_refused(ext: str) -> None:
    with pytest.raises(InvalidName, match="file extension"):
        check_ext(ext)


def test_a_refusal_shows_the_value_escaped_and_shortened() -> None:
    with pytest.raises(InvalidName) as refused:
        check_name("\x1b[31m" + "x" * 500)
    assert str(refused.value).startswith(r"'\x1b[31mxxx")
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("metadata_name", "job_id"),
    [
        ("town-hall", "town-hall-1b4e28ba"),
        ("town.hall", "town-hall-1b4e28ba"),
        ("a" * 200, "a" * 54 + "-1b4e28ba"),
        ("a" * 53 + "-b", "a" * 53 + "-1b4e28ba"),  # no two hyphens where the name was cut
    ],
)
def test_a_job_that_names_no_id_gets_one_from_its_name_and_uid(metadata_name: str, job_id: str) -> None:
    assert job_id_for(metadata_name, UID) == job_id


@pytest.mark.parametrize("uid", ["", "1b4e28b", "../../..", "xyzxyzxy-2fa1"])
def test_a_uid_that_is_none_is_refused(uid: str) -> None:
    with pytest.raises(InvalidName, match="uid"):
        job_id_for("town-hall", uid)


@given(st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", fullmatch=True), st.uuids())
def test_every_kubernetes_name_gives_a_job_id_that_ends_with_its_uid(metadata_name: str, uid: object) -> None:
    job_id = job_id_for(metadata_name, str(uid))
    assert check_job_id(job_id).endswith("-" + str(uid)[:8])


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("Débat à l'Assemblée", "debat-a-l-assemblee"),
        ("Presidential Debate (2024) [1080p]", "presidential-debate-2024-1080p"),
        ("dQw4w9WgXcQ", "dqw4w9wgxcq"),
        ("..hidden..", "hidden"),
        ("../../etc/passwd", "etc-passwd"),
        ("Straße", "strasse"),
        ("№ ①", "no-1"),
        ("x" * 79 + "-y", "x" * 79),
        ("a_b.c", "a_b.c"),
    ],
)
def test_slug_of(stem: str, name: str) -> None:
    assert slug(stem) == name


@pytest.mark.parametrize("stem", ["", "дебаты", "討論", "🎥", "...", "\x00", "\udcff"])
def test_a_stem_of_which_nothing_remains_is_named_by_its_hash(stem: str) -> None:
    assert re.fullmatch(r"video-[0-9a-f]{8}", slug(stem))


def test_stems_of_which_nothing_remains_keep_apart() -> None:
    assert slug("дебаты") != slug("討論")


@given(st.text(st.characters(exclude_categories=[]), max_size=200))
def test_every_text_has_a_slug_that_is_a_name_and_its_own_slug(stem: str) -> None:
    name = slug(stem)
    assert check_name(name) == name
    assert slug(name) == name
