"""``iam rotate`` makes the second key and retires the first, never the only one that works."""

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.iam.models import AccessKeyLastUsed, iam_backends
from tests.unit.iam.conftest import ACCOUNT, ARN, BUCKET, NAME, POLICY, Stage, env, keys, refused

from gridboss_assets.buckets.policies import iam_policy

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


@pytest.fixture(autouse=True)
def _user(iam: "IAMClient") -> None:
    iam.create_user(UserName=NAME)
    document = json.dumps(iam_policy(BUCKET))
    iam.put_user_policy(UserName=NAME, PolicyName=POLICY, PolicyDocument=document)


def new_key(iam: "IAMClient", *, days: float, used: timedelta | None = None) -> str:
    """Make a key that is so many days old and was last used so long ago."""
    id_ = iam.create_access_key(UserName=NAME)["AccessKey"]["AccessKeyId"]
    backend: Any = iam_backends[ACCOUNT]["aws"]
    key = next(key for key in backend.users[NAME].access_keys if key.access_key_id == id_)
    now = datetime.now(UTC)
    key.create_date = now - timedelta(days=days)
    if used is not None:
        key.last_used = AccessKeyLastUsed(now - used, "s3", "us-east-1")
    return id_


@pytest.fixture
def old(iam: "IAMClient") -> str:
    return new_key(iam, days=90, used=timedelta(days=2))


@pytest.fixture
def new(iam: "IAMClient", old: str) -> str:  # noqa: ARG001 - which is to be the older
    return new_key(iam, days=1, used=timedelta(minutes=3))


def test_a_second_key_is_made_and_the_first_stays(run: Stage, iam: "IAMClient", old: str) -> None:
    code, out, err = run("rotate", NAME)
    made = env(out)
    assert code == 0
    assert keys(iam) == {old: "Active", made["S3_ACCESS_KEY"]: "Active"}
    assert (made["S3_PRINCIPAL_ARN"], made["S3_SECRET_KEY"]) == (ARN, run.secrets[-1])
    assert f"iam rotate {NAME} --retire {old}" in err
    assert "PutUserPolicy" not in run.calls


def test_as_json_the_new_key_stands_beside_the_old(run: Stage, old: str) -> None:
    found = run.json("rotate", NAME)
    assert [each["id"] for each in found["keys"]] == [old, found["key"]]
    last_used = datetime.fromisoformat(found["keys"][0]["last_used"])
    assert timedelta(days=2) <= datetime.now(UTC) - last_used < timedelta(days=3)
    assert found["keys"][0]["service"] == "s3"
    assert found["keys"][1]["last_used"] is None
    assert found["settings"]["S3_SECRET_KEY"] == run.secrets[-1]
    assert found["done"] == ["key"]


def test_with_two_keys_both_are_shown_and_none_is_made(
    run: Stage, iam: "IAMClient", old: str, new: str
) -> None:
    code, out, err = run("rotate", NAME)
    assert (code, out) == (1, "")
    for key in (old, new):
        assert f"{key}  active" in err
    assert f"iam rotate {NAME} --retire {old}" in err
    assert "CreateAccessKey" not in run.calls
    found = run.json("rotate", NAME)
    assert ([each["id"] for each in found["keys"]], found["settings"]) == ([old, new], None)
    iam.update_access_key(UserName=NAME, AccessKeyId=new, Status="Inactive")
    assert f"--retire {new}" in run("rotate", NAME)[2]


def test_retiring_switches_a_key_off_and_then_deletes_it(
    run: Stage, iam: "IAMClient", old: str, new: str
) -> None:
    found = run.json("rotate", NAME, "--retire", old, "--yes")
    assert (found["done"], found["key"]) == (["deactivated"], old)
    assert [each["status"] for each in found["keys"]] == ["inactive", "active"]
    assert keys(iam) == {old: "Inactive", new: "Active"}
    code, _, err = run("rotate", NAME, "--retire", old, "--yes")
    assert (code, keys(iam)) == (0, {new: "Active"})
    assert "done: deleted" in err


def test_a_key_can_be_deleted_at_once(run: Stage, iam: "IAMClient", old: str, new: str) -> None:
    found = run.json("rotate", NAME, "--retire", old, "--delete", "--yes")
    assert (found["done"], keys(iam)) == (["deleted"], {new: "Active"})


@pytest.mark.parametrize("delete", [[], ["--delete"]])
@pytest.mark.parametrize("other", [False, True])
def test_the_only_active_key_is_never_retired(
    run: Stage, iam: "IAMClient", old: str, delete: list[str], *, other: bool
) -> None:
    if other:
        off = new_key(iam, days=1)
        iam.update_access_key(UserName=NAME, AccessKeyId=off, Status="Inactive")
    before = keys(iam)
    code, _, err = run("rotate", NAME, "--retire", old, *delete, "--yes")
    assert (code, keys(iam)) == (2, before)
    assert "only active key" in err


def test_retiring_asks_first(run: Stage, iam: "IAMClient", old: str, new: str) -> None:
    code, _, err = run("rotate", NAME, "--retire", old)
    assert (code, "--yes" in err) == (2, True)
    code, _, err = run("rotate", NAME, "--retire", old, answer="n\n")
    assert (code, f"Deactivate {old} of {NAME}?" in err) == (1, True)
    code, _, err = run("rotate", NAME, "--retire", old, "--delete", answer="n\n")
    assert (code, f"Delete {old} of {NAME}?" in err) == (1, True)
    assert keys(iam) == {old: "Active", new: "Active"}
    assert run("rotate", NAME, "--retire", old, answer="y\n")[0] == 0
    assert keys(iam) == {old: "Inactive", new: "Active"}


def warnings(err: str) -> list[str]:
    return [line.removeprefix("Warning: ") for line in err.splitlines() if "Warning: " in line]


@pytest.mark.parametrize(
    ("used", "retired", "said"),
    [
        ((timedelta(days=2), timedelta(minutes=3)), 0, []),
        ((timedelta(minutes=65), timedelta(minutes=3)), 0, ["after the newer key"]),
        ((timedelta(minutes=50), None), 0, ["min ago (s3)", "after the newer", "never been used"]),
        ((timedelta(days=2), None), 0, ["never been used"]),
        ((timedelta(days=2), timedelta(hours=2)), 1, ["is the older key"]),
        ((None, timedelta(hours=2)), 1, ["is the older key", "never been used"]),
    ],
)
def test_it_warns_where_a_key_seems_to_be_needed(
    run: Stage,
    iam: "IAMClient",
    used: tuple[timedelta | None, timedelta | None],
    retired: int,
    said: list[str],
) -> None:
    both = [new_key(iam, days=90, used=used[0]), new_key(iam, days=1, used=used[1])]
    _, _, err = run("rotate", NAME, "--retire", both[retired], "--yes")
    found = warnings(err)
    assert len(found) == len(said)
    for line, words in zip(found, said, strict=True):
        assert words in line


def test_a_key_of_somebody_else_is_not_retired(
    run: Stage, iam: "IAMClient", old: str, new: str
) -> None:
    iam.create_user(UserName="other")
    theirs = iam.create_access_key(UserName="other")["AccessKey"]["AccessKeyId"]
    code, _, err = run("rotate", NAME, "--retire", theirs, "--yes")
    assert code == 2
    assert f"It has: {old}, {new}." in err
    assert keys(iam, "other") == {theirs: "Active"}


def test_a_user_that_may_do_more_is_rotated_only_when_the_settings_name_it(
    run: Stage, iam: "IAMClient", monkeypatch: pytest.MonkeyPatch, old: str
) -> None:
    iam.create_group(GroupName="admins")
    iam.add_user_to_group(GroupName="admins", UserName=NAME)
    code, out, err = run("rotate", NAME)
    assert (code, out, list(keys(iam))) == (2, "", [old])
    assert "the group admins" in err
    assert f"S3_PRINCIPAL_ARN={ARN}" in err
    monkeypatch.setenv("S3_PRINCIPAL_ARN", ARN)
    assert run("rotate", NAME)[0] == 0


def test_a_user_that_does_not_exist_is_named(run: Stage) -> None:
    code, _, err = run("rotate", "nobody")
    assert code == 2
    assert "no IAM user nobody" in err


def test_a_user_of_another_account_is_refused(
    run: Stage, iam: "IAMClient", monkeypatch: pytest.MonkeyPatch, old: str
) -> None:
    monkeypatch.setenv("S3_PRINCIPAL_ARN", f"arn:aws:iam::999999999999:user/{NAME}")
    assert run("rotate", NAME)[0] == 2
    assert list(keys(iam)) == [old]


@pytest.mark.usefixtures("old")
def test_a_policy_that_is_not_as_desired_is_told_and_keeps_no_key_from_being_made(
    run: Stage, iam: "IAMClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    iam.delete_user_policy(UserName=NAME, PolicyName=POLICY)
    code, _, err = run("rotate", NAME)
    assert (code, len(keys(iam))) == (0, 2)
    assert f"iam create-user {NAME} --no-key" in err
    iam.delete_access_key(UserName=NAME, AccessKeyId=list(keys(iam))[-1])
    monkeypatch.setenv("S3_IAM_STATEMENTS", "kms")  # and no key of KMS is configured
    code, _, err = run("rotate", NAME)
    assert (code, "was not compared" in err) == (0, True)


@pytest.mark.usefixtures("old")
def test_a_policy_as_desired_is_not_spoken_of(run: Stage) -> None:
    assert "policy" not in run("rotate", NAME)[2].lower()


@pytest.mark.parametrize("arguments", [["--delete"], ["--retire", "AKIA", "--out", "key.env"]])
def test_options_that_make_no_sense_are_refused(run: Stage, arguments: list[str]) -> None:
    code, _, err = run("rotate", NAME, *arguments)
    assert (code, run.calls) == (2, [])
    assert arguments[0] in err


@pytest.mark.usefixtures("new")
def test_a_refusal_names_the_permission(run: Stage, iam: "IAMClient", old: str) -> None:
    before = keys(iam)
    run.before["UpdateAccessKey"] = refused("UpdateAccessKey")
    code, _, err = run("rotate", NAME, "--retire", old, "--yes")
    assert (code, keys(iam)) == (2, before)
    assert "may not call UpdateAccessKey" in err


def test_a_new_key_works_at_once(run: Stage) -> None:
    made = env(run("rotate", NAME)[1])
    session = boto3.Session(made["S3_ACCESS_KEY"], made["S3_SECRET_KEY"], region_name="us-east-1")
    assert session.client("sts").get_caller_identity()["Arn"] == ARN


@pytest.mark.parametrize("command", ["rotate", "create-user"])
def test_a_user_that_may_not_be_looked_for_is_not_taken_for_missing(
    run: Stage, iam: "IAMClient", command: str
) -> None:
    run.before["GetUser"] = refused("GetUser")
    code, _, err = run(command, NAME)
    assert (code, "CreateUser" in run.calls, keys(iam)) == (2, False, {})
    assert "may not call GetUser" in err
