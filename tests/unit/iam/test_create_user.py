"""``iam create-user`` makes a user, a policy and a key, finishes what stopped, and harms nobody."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from moto.core import enable_iam_authentication
from tests.unit.iam.conftest import ACCOUNT, ARN, BUCKET, NAME, POLICY, Stage, env, keys, refused

from gridboss_assets.buckets.policies import iam_policy
from gridboss_config import Settings

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

STAGING = f"gridboss-assets-{BUCKET}-staging"
ANYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)


def policy_of(iam: "IAMClient", name: str = NAME) -> Any:
    return iam.get_user_policy(UserName=name, PolicyName=POLICY)["PolicyDocument"]


def existing(iam: "IAMClient", *, key: bool) -> None:
    iam.create_user(UserName=NAME)
    if key:
        iam.create_access_key(UserName=NAME)


def test_the_key_is_printed_as_lines_that_the_application_can_use(
    run: Stage, iam: "IAMClient", tmp_path: Path
) -> None:
    code, out, err = run("create-user", NAME, "--yes")
    (secret,) = run.secrets
    assert code == 0
    assert list(env(out)) == [
        "S3_PRINCIPAL_ARN",
        "S3_REGION",
        "S3_BUCKET",
        "S3_ACCESS_KEY",
        "S3_SECRET_KEY",
    ]
    (tmp_path / ".env").write_text(out + "S3_ENABLED=true\n", encoding="utf-8")
    settings = Settings()
    assert settings.s3_principal_arn == ARN
    assert settings.s3_secret_key.get_secret_value() == secret
    assert keys(iam) == {settings.s3_access_key.get_secret_value(): "Active"}
    assert "shown this once" in err
    assert "never into the repository" in err


def test_the_user_may_do_what_the_specification_says_and_no_more(
    run: Stage, iam: "IAMClient"
) -> None:
    run("create-user", NAME, "--yes")
    assert policy_of(iam) == iam_policy(BUCKET)
    assert iam.list_user_policies(UserName=NAME)["PolicyNames"] == [POLICY]
    assert iam.list_attached_user_policies(UserName=NAME)["AttachedPolicies"] == []


def test_path_tags_and_optional_statements_are_the_users(
    run: Stage, iam: "IAMClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_TAGS", "app=gridboss,team=assets")
    monkeypatch.setenv("CDN_DISTRIBUTION_ID", "E2QWRUHEXAMPLE")
    more = ["--tag", "team=web", "--with", "cdn-invalidation"]
    code, _, err = run("create-user", NAME, "--path", "/apps/", *more, "--yes")
    user = iam.get_user(UserName=NAME)["User"]
    assert (code, user["Path"]) == (0, "/apps/")
    assert {tag["Key"]: tag["Value"] for tag in user["Tags"]} == {"app": "gridboss", "team": "web"}
    # No setting says the account: it is the operator's own.
    assert f"arn:aws:cloudfront::{ACCOUNT}:distribution" in json.dumps(policy_of(iam))
    assert "S3_IAM_STATEMENTS=cdn-invalidation" in err


def test_as_json_it_is_one_document(run: Stage, iam: "IAMClient") -> None:
    found = run.json("create-user", NAME, "--yes")
    (key,) = keys(iam)
    assert (found["user"], found["arn"], found["key"]) == (NAME, ARN, key)
    assert found["done"] == ["user", "policy", "key"]
    assert [each["id"] for each in found["keys"]] == [key]
    assert found["settings"]["S3_SECRET_KEY"] == run.secrets[0]


def test_it_says_what_it_will_do_and_asks(run: Stage, iam: "IAMClient") -> None:
    code, out, err = run("create-user", NAME, answer="n\n")
    assert (code, out) == (1, "")
    assert f"{NAME} in account {ACCOUNT}" in err
    assert "+ AllowScopedObjectAccess Action: s3:PutObject, s3:GetObject, s3:DeleteObject" in err
    assert iam.list_users()["Users"] == []
    code, out, _ = run("create-user", NAME, answer="y\n")
    assert (code, len(env(out))) == (0, 5)


def test_nothing_is_done_where_nobody_can_be_asked(run: Stage, iam: "IAMClient") -> None:
    code, out, err = run("create-user", NAME)
    assert (code, out) == (2, "")
    assert "--yes" in err
    assert iam.list_users()["Users"] == []


@pytest.mark.parametrize("operation", ["PutUserPolicy", "CreateAccessKey"])
def test_a_run_that_stopped_half_way_is_finished_by_the_next(
    run: Stage, iam: "IAMClient", operation: str
) -> None:
    run.before[operation] = refused(operation)
    code, out, err = run("create-user", NAME, "--yes")
    assert (code, out) == (2, "")
    assert f"may not call {operation}" in err
    assert ("Done: user, policy." if operation == "CreateAccessKey" else "Done: user.") in err
    assert keys(iam) == {}
    run.before.clear()
    code, out, _ = run("create-user", NAME, "--yes")
    assert (code, "CreateUser" in run.calls) == (0, False)
    assert keys(iam) == {env(out)["S3_ACCESS_KEY"]: "Active"}
    assert policy_of(iam) == iam_policy(BUCKET)


def test_a_user_with_a_key_is_not_touched(run: Stage, iam: "IAMClient") -> None:
    existing(iam, key=True)
    before = keys(iam)
    code, out, err = run("create-user", NAME, "--yes")
    assert (code, out) == (1, "")
    assert f"iam rotate {NAME}" in err
    assert f"create-user {NAME} --no-key" in err
    assert keys(iam) == before
    assert iam.list_user_policies(UserName=NAME)["PolicyNames"] == []
    assert run.json("create-user", NAME, "--yes")["settings"] is None


def test_without_a_key_the_policy_of_a_user_is_put_in_step(run: Stage, iam: "IAMClient") -> None:
    existing(iam, key=True)
    wider = iam_policy(BUCKET)
    wider["Statement"][0]["Action"] = ["s3:*"]
    iam.put_user_policy(UserName=NAME, PolicyName=POLICY, PolicyDocument=json.dumps(wider))
    before = keys(iam)
    code, out, err = run("create-user", NAME, "--no-key", answer="y\n")
    assert (code, out) == (0, "")
    assert "- AllowScopedObjectAccess Action: s3:*" in err
    assert "AllowScopedObjectAccess Resource" not in err
    assert "AllowListing" not in err
    assert (policy_of(iam), keys(iam)) == (iam_policy(BUCKET), before)


def test_a_policy_in_step_is_not_written_again(run: Stage, iam: "IAMClient") -> None:
    existing(iam, key=True)
    same = iam_policy(BUCKET)
    same["Statement"][0]["Action"].reverse()
    same["Statement"].reverse()
    iam.put_user_policy(UserName=NAME, PolicyName=POLICY, PolicyDocument=json.dumps(same))
    found = run.json("create-user", NAME, "--no-key")
    assert (found["status"], found["done"]) == (0, [])
    assert "PutUserPolicy" not in run.calls
    assert "--no-key" not in run("create-user", NAME)[2]


@pytest.mark.parametrize("kind", ["inline", "attached", "group", "password"])
def test_a_user_that_is_there_for_something_else_is_refused(
    run: Stage, iam: "IAMClient", kind: str
) -> None:
    existing(iam, key=False)
    if kind == "inline":  # that of another bucket whose name begins with this one's
        iam.put_user_policy(UserName=NAME, PolicyName=STAGING, PolicyDocument=ANYTHING)
    elif kind == "attached":
        arn = iam.create_policy(PolicyName="admin", PolicyDocument=ANYTHING)["Policy"]["Arn"]
        iam.attach_user_policy(UserName=NAME, PolicyArn=arn)
    elif kind == "group":
        iam.create_group(GroupName="admins")
        iam.add_user_to_group(GroupName="admins", UserName=NAME)
    else:
        iam.create_login_profile(UserName=NAME, Password="a-Password-4-tests")
    code, out, err = run("create-user", NAME, "--yes")
    names = {"inline": STAGING, "attached": "policy admin", "group": "group admins"}
    assert (code, out) == (2, "")
    assert names.get(kind, "a password") in err
    assert keys(iam) == {}
    assert "PutUserPolicy" not in run.calls


def test_a_user_of_another_path_is_refused(run: Stage, iam: "IAMClient") -> None:
    existing(iam, key=False)
    code, _, err = run("create-user", NAME, "--path", "/apps/", "--yes")
    assert (code, keys(iam)) == (2, {})
    assert "--path" in err


@pytest.mark.parametrize("name", ["a b", "é", "a" * 65, "a/b", "a\n"])
def test_a_name_that_iam_would_not_take_is_refused_before_anything_is_asked(
    run: Stage, name: str
) -> None:
    code, _, err = run("create-user", name, "--yes")
    assert (code, run.calls) == (2, [])
    assert "1 to 64" in err


@pytest.mark.parametrize(
    "arguments", [["--path", "apps"], ["--tag", "no-value"], ["--no-key", "--out", "key.env"]]
)
def test_options_that_make_no_sense_are_refused(
    run: Stage, iam: "IAMClient", arguments: list[str]
) -> None:
    code, _, err = run("create-user", NAME, "--yes", *arguments)
    assert code == 2
    assert f"{arguments[0]}" in err
    assert iam.list_users()["Users"] == []


def test_a_profile_of_another_account_is_refused(
    run: Stage, iam: "IAMClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_PRINCIPAL_ARN", f"arn:aws:iam::999999999999:user/{NAME}")
    code, _, err = run("create-user", NAME, "--yes")
    assert (code, "999999999999" in err) == (2, True)
    assert iam.list_users()["Users"] == []


def test_the_bucket_policy_is_thought_of(run: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_PRINCIPAL_ARN", ARN)
    assert "bucket apply" not in run("create-user", NAME, "--yes")[2]
    monkeypatch.setenv("S3_PRINCIPAL_ARN", f"arn:aws:iam::{ACCOUNT}:role/old")
    _, _, err = run("create-user", "other", "--yes")
    assert f"S3_PRINCIPAL_ARN={ARN.replace(NAME, 'other')}" in err
    assert "bucket apply" in err


def test_an_operator_who_may_not_is_told_which_permission_is_missing(
    run: Stage, iam: "IAMClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    iam.create_user(UserName="operator")
    statement = {"Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="operator", PolicyName="reads", PolicyDocument=document)
    made = iam.create_access_key(UserName="operator")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", made["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", made["SecretAccessKey"])
    with enable_iam_authentication():
        code, out, err = run("create-user", NAME, "--yes", "--tag", "a=b")
    assert (code, out) == (2, "")
    assert "may not call CreateUser" in err
    assert "iam:TagUser" in err
