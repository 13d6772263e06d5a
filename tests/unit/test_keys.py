"""Object keys: what we build we can parse, and nothing else gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridboss_assets import keys
from gridboss_assets.errors import InvalidObjectKey, UnsupportedKind
from gridboss_assets.kinds import AVATAR, DEFAULT_KINDS, EXPORT

CSV = EXPORT.content_types[0]
HEX = "9f86d081884c7d659a2feaa0c55ad015"


@given(st.text(), st.sampled_from(list(DEFAULT_KINDS.values())), st.data())
def test_a_key_that_was_built_parses_to_itself(
    subject: str, kind: object, data: st.DataObject
) -> None:
    assert kind in {AVATAR, EXPORT}
    chosen = AVATAR if kind is AVATAR else EXPORT
    built = keys.build(chosen, subject, data.draw(st.sampled_from(chosen.content_types)))
    assert keys.parse(built.key, DEFAULT_KINDS) == built
    assert keys.parse(built.pending, DEFAULT_KINDS) == built
    assert built.owner == keys.owner_segment(subject)


@given(st.text(), st.text())
def test_two_callers_never_share_a_segment(one: str, other: str) -> None:
    assert (keys.owner_segment(one) == keys.owner_segment(other)) == (one == other)


@pytest.mark.parametrize("subject", ["driver-7", "a", "0_x", "a" * 64])
def test_a_safe_subject_stands_as_it_is(subject: str) -> None:
    assert keys.owner_segment(subject) == subject


@pytest.mark.parametrize(
    "subject", ["", "Driver 7", "DRIVER-7", "-x", "a" * 65, "me@example.com", "~a", "driver-7\n"]
)
def test_an_unsafe_subject_becomes_a_digest(subject: str) -> None:
    segment = keys.owner_segment(subject)
    assert segment.startswith("~")
    assert len(segment) == 53


def test_two_keys_for_the_same_file_differ() -> None:
    assert keys.build(EXPORT, "a", CSV).key != keys.build(EXPORT, "a", CSV).key


@pytest.mark.parametrize(
    "key",
    [
        "",
        "pending/",
        "avatars/",
        "avatars",
        "/avatars/a.png",
        "avatars//a.png",
        "avatars/../exports/a.csv",
        "avatars/./a.png",
        "avatars/a.png/",
        "avatars/a\x00.png",
        "avatars/a\\b.png",
        "avatars/%2e%2e/a.png",
        "avatars/a*.png",
        "avatars/a?.png",
        "avatars/${filename}",
        "avatars/a#b.png",
        "avatars/a\nb.png",
        "avatars/a\u2028b.png",
        "avatars/\ud800.png",
        "other/a.png",
        "Avatars/a.png",
        "pending/pending/avatars/a.png",
        "avatars/" + "a" * 1100 + ".png",
    ],
)
def test_a_bad_key_is_refused(key: str) -> None:
    with pytest.raises(InvalidObjectKey):
        keys.parse(key, DEFAULT_KINDS)


@pytest.mark.parametrize(
    "key",
    [
        "exports/season.csv",
        f"exports/a/{HEX}.png",
        f"exports/A/{HEX}.csv",
        f"exports/a/b/{HEX}.csv",
        f"exports/a/{HEX[:-1]}.csv",
        f"exports/a/{HEX}.csv.csv",
        "exports/driver 7/ä+b.csv",
    ],
)
def test_only_our_own_form_has_an_owner(key: str) -> None:
    assert keys.parse(key, DEFAULT_KINDS).owner is None


def test_a_kind_beside_the_key_must_agree() -> None:
    with pytest.raises(InvalidObjectKey, match="does not belong"):
        keys.parse("exports/a.csv", DEFAULT_KINDS, kind="avatar")


def test_an_unknown_kind_beside_the_key_is_named() -> None:
    with pytest.raises(UnsupportedKind, match="avatar, export"):
        keys.parse("exports/a.csv", DEFAULT_KINDS, kind="screenshot")
