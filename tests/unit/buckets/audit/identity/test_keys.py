"""The checks of access keys, each on both sides of its limit."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.buckets.audit.identity.conftest import NAME, ROLE, USER, of, one

from gridboss_assets.buckets.audit.identity.access_keys import key_findings, owner_findings
from gridboss_assets.buckets.audit.identity.reading import Identity
from gridboss_assets.buckets.users import Key
from gridboss_assets.findings import Finding, Status

NOW = datetime(2026, 7, 1, tzinfo=UTC)
PASS, WARN, FAIL = Status.PASS, Status.WARN, Status.FAIL
S3 = frozenset({"s3"})


def key(
    id_: str = "AKIAONE",
    age: float = 1,
    *,
    used: float | None = 0.1,
    active: bool = True,
    service: str = "s3",
) -> Key:
    """Make a key that is ``age`` days old and was used ``used`` days ago."""
    at = None if used is None else NOW - timedelta(days=used)
    made = NOW - timedelta(days=age)
    return Key(id_, active, made, at, None if at is None else service)


def judged(*keys: Key, services: frozenset[str] = S3) -> list[Finding]:
    return list(key_findings(Identity("user", NAME, USER, keys=keys), services, NOW))


def owned(configured: str, *keys: Key, kind: str = "user", owner: str | None = None) -> Finding:
    identity = Identity("user", NAME, USER, keys=keys)
    if kind == "role":
        identity = Identity("role", NAME, ROLE)
    (found,) = owner_findings(identity, configured, lambda _: (owner, "it says no"))
    return found


def test_one_young_key_in_use_passes_everything() -> None:
    assert {each.status for each in judged(key())} == {PASS}


@pytest.mark.parametrize(("age", "expected"), [(90, PASS), (90.5, WARN)])
def test_a_key_is_old_after_ninety_days(age: float, expected: Status) -> None:
    found = one(judged(key(age=age)), "keys age")
    assert found.status is expected
    if expected is WARN:
        assert found.detail == "Over 90 days old: AKIAONE (90 days)."
        assert f"iam rotate {NAME}" in found.remedy


def test_the_age_of_a_key_that_is_off_does_not_count() -> None:
    assert one(judged(key(), key("AKIATWO", 400, active=False)), "keys age").status is PASS


@pytest.mark.parametrize(
    ("age", "used", "expected"),
    [(45, None, PASS), (45.5, None, WARN), (80, 45, PASS), (80, 45.5, WARN)],
)
def test_a_key_lies_unused_after_forty_five_days(
    age: float, used: float | None, expected: Status
) -> None:
    found = one(judged(key(age=age, used=used)), "keys unused")
    assert found.status is expected


@pytest.mark.parametrize(("newest", "expected"), [(7, PASS), (7.5, WARN)])
def test_two_active_keys_are_a_rotation_for_a_week(newest: float, expected: Status) -> None:
    found = one(judged(key("AKIAOLD", 60), key("AKIANEW", newest)), "keys number")
    assert found.status is expected
    if expected is WARN:
        assert f"iam rotate {NAME} --retire AKIAOLD" in found.remedy


def test_a_second_key_that_is_off_is_no_second_active_key() -> None:
    found = judged(key("AKIAOLD", 60, active=False), key("AKIANEW", 30))
    assert one(found, "keys number").status is PASS


def test_no_active_key_is_a_warning() -> None:
    assert one(judged(), "keys number").status is WARN
    assert one(judged(key(active=False)), "keys number").status is WARN


def test_a_key_that_is_off_and_kept_is_a_warning() -> None:
    found = one(judged(key(), key("AKIATWO", 9, active=False)), "keys inactive")
    assert found.status is WARN
    assert f"iam rotate {NAME} --retire AKIATWO" in found.remedy


def test_a_key_last_used_for_another_service_is_a_warning() -> None:
    found = one(judged(key(service="ec2")), "keys service")
    assert found.status is WARN
    assert "AKIAONE for ec2" in found.detail


@pytest.mark.parametrize("service", ["kms", "KMS"])
def test_a_service_of_an_optional_statement_is_none_other(service: str) -> None:
    found = judged(key(service=service), services=frozenset({"s3", "kms"}))
    assert one(found, "keys service").status is PASS


def test_the_keys_are_listed_with_their_last_use() -> None:
    keys = key("AKIAONE", 30, used=2), key("AKIATWO", 3, used=None, active=False)
    assert one(judged(*keys), "keys listing").detail == (
        "AKIAONE is active, 30 days old, last used 2 days ago (s3); "
        "AKIATWO is switched off, 3 days old, never used."
    )


# --- S3_ACCESS_KEY ---------------------------------------------------------------------------


def test_an_active_key_of_its_own_passes() -> None:
    assert owned("AKIAONE", key()).status is PASS


def test_a_key_of_its_own_that_is_off_fails() -> None:
    found = owned("AKIAONE", key(active=False))
    assert found.status is FAIL
    assert "switched off" in found.detail


def test_somebody_elses_key_fails_and_says_whose() -> None:
    found = owned("AKIAALICE", key(), owner="alice")
    assert found.status is FAIL
    assert "It is the user alice's" in found.detail
    assert f"iam rotate {NAME}" in found.remedy


def test_a_key_of_no_user_fails_and_says_what_iam_says() -> None:
    found = owned("AKIANOBODY", key())
    assert found.status is FAIL
    assert "root" in found.detail
    assert "it says no" in found.detail


def test_no_key_in_the_settings_is_a_warning_for_a_user_and_nothing_to_a_role() -> None:
    assert owned("", key()).status is WARN
    assert owned("", kind="role").status is PASS


def test_a_sessions_key_is_a_warning() -> None:
    assert owned("ASIASESSION", kind="role").status is WARN


def test_a_users_key_fails_where_the_application_is_a_role() -> None:
    found = owned("AKIAONE", kind="role", owner="alice")
    assert found.status is FAIL
    assert "A role needs no key" in found.remedy


def test_no_name_of_a_check_is_given_twice() -> None:
    found = judged(key(), key("AKIATWO", 400, active=False))
    assert all(len(of(found, each.check)) == 1 for each in found)
