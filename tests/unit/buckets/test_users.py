"""A new key's secret reaches whoever holds it, and no repr, log, error or cause of one."""

import logging
import pickle
import traceback
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto import mock_aws
from moto.core.botocore_stubber import MockRawResponse
from pydantic import SecretStr

from gridboss_assets.buckets.users import NewKey, Users
from gridboss_assets.errors import OperationFailed

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

NAME = "gridboss-assets"
SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYTHESECRET"
ANSWER = f"""
<CreateAccessKeyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
 <CreateAccessKeyResult><AccessKey><UserName>{NAME}</UserName><AccessKeyId>AKIANEW</AccessKeyId>
 <Status>Active</Status><SecretAccessKey>{SECRET}</SecretAccessKey></AccessKey>
"""


@pytest.fixture
def iam() -> Iterator["IAMClient"]:
    with mock_aws():
        yield boto3.client(
            "iam", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
        )


@pytest.fixture
def users(iam: "IAMClient") -> Users:
    iam.create_user(UserName=NAME)
    return Users(iam, "ours")


def answering(iam: "IAMClient", status: int, body: str) -> list[str]:
    """Have CreateAccessKey do its work and answer so; the list grows with each request."""
    asked: list[str] = []

    def answer(request: Any, **_: Any) -> AWSResponse:
        asked.append(request.url)
        raw: Any = MockRawResponse(body)
        return AWSResponse(request.url, status, HTTPHeaders(), raw)

    events: Any = iam.meta.events
    events.register_first("before-send.iam.CreateAccessKey", answer)
    return asked


def everything(error: BaseException | None) -> str:
    """Write out an error, what it comes from, and the variables of our frames."""
    text = ""
    while error is not None:
        text += repr(error) + str(error) + repr(vars(error))
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        for frame in shown.stack:
            if "gridboss_assets" in frame.filename:
                text += repr(frame.locals)
        error = error.__cause__ or error.__context__
    return text


def secrets(given: list[NewKey]) -> list[str]:
    return [key.secret.get_secret_value() for key in given]


def test_a_new_key_is_handed_over_with_its_secret(users: Users) -> None:
    given: list[NewKey] = []
    made = users.make_key(NAME, given.append)
    assert given == [made]
    assert len(secrets(given)[0]) == 40
    assert [key.id for key in users.keys(NAME)] == [made.id]


def test_a_key_does_not_show_its_secret() -> None:
    key = NewKey("AKIANEW", datetime.now(UTC), SecretStr(SECRET))
    for shown in (repr(key), str(key), f"{key}", repr([key]), repr({"key": key}), str(key.secret)):
        assert SECRET not in shown
    assert "secret" not in repr(key)


@pytest.mark.parametrize("kind", [ValueError, OSError, KeyboardInterrupt])
def test_nothing_of_a_failed_hand_over_holds_the_secret(
    users: Users, caplog: pytest.LogCaptureFixture, kind: type[BaseException]
) -> None:
    caplog.set_level(logging.DEBUG, logger="gridboss_assets")
    given: list[NewKey] = []

    def fail(key: NewKey) -> None:
        given.append(key)
        text = key.secret.get_secret_value()
        raise kind(f"{text} could not be written")

    with pytest.raises(OperationFailed, match="deleted again") as failed:
        users.make_key(NAME, fail)
    (secret,) = secrets(given)
    assert users.keys(NAME) == ()
    assert secret not in everything(failed.value) + caplog.text
    assert secret.encode() not in pickle.dumps(failed.value.args)


def test_the_error_of_a_failed_deletion_does_not_hold_it_either(
    users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[NewKey] = []

    def fail(key: NewKey) -> None:
        given.append(key)
        raise ValueError(key.secret.get_secret_value())

    def refuse(*_: str) -> None:
        raise OperationFailed("no")

    monkeypatch.setattr(users, "delete", refuse)
    with pytest.raises(OperationFailed, match="could not be deleted again") as failed:
        users.make_key(NAME, fail)
    assert secrets(given)[0] not in everything(failed.value)


@pytest.mark.parametrize("body", [ANSWER, ANSWER + "</CreateAccessKeyResult", f"{SECRET}<"])
def test_an_answer_that_was_cut_short_is_not_quoted(
    iam: "IAMClient", users: Users, caplog: pytest.LogCaptureFixture, body: str
) -> None:
    """The error that botocore raises holds the whole answer."""
    caplog.set_level(logging.DEBUG, logger="gridboss_assets")
    answering(iam, 200, body)
    with pytest.raises(OperationFailed, match="without a good answer") as failed:
        users.make_key(NAME, lambda _: None)
    assert f"{users.keys(NAME)[0].id} was made all the same" in str(failed.value)
    assert SECRET not in everything(failed.value) + caplog.text


def test_an_answer_without_a_secret_is_no_key(iam: "IAMClient", users: Users) -> None:
    answering(iam, 200, "<CreateAccessKeyResponse/>")
    with pytest.raises(OperationFailed, match="made all the same"):
        users.make_key(NAME, lambda _: None)


def test_a_key_is_asked_for_once_and_never_again(iam: "IAMClient", users: Users) -> None:
    asked = answering(iam, 503, "<ErrorResponse><Error><Code>Slow</Code></Error></ErrorResponse>")
    with pytest.raises(OperationFailed, match="made all the same"):
        users.make_key(NAME, lambda _: None)
    assert (len(asked), len(users.keys(NAME))) == (1, 1)


def test_a_third_key_is_refused_with_iams_own_reason(users: Users) -> None:
    for _ in range(2):
        users.make_key(NAME, lambda _: None)
    with pytest.raises(OperationFailed, match="LimitExceeded"):
        users.make_key(NAME, lambda _: None)
    assert len(users.keys(NAME)) == 2


def test_a_user_is_read_with_everything_that_it_has(iam: "IAMClient", users: Users) -> None:
    document = '{"Version": "2012-10-17", "Statement": []}'
    for number in range(3):
        iam.create_group(GroupName=f"g{number}")
        iam.add_user_to_group(GroupName=f"g{number}", UserName=NAME)
    with suppress(iam.exceptions.MalformedPolicyDocumentException):
        iam.put_user_policy(UserName=NAME, PolicyName="ours", PolicyDocument=document)
    user = users.read(NAME)
    assert user
    assert (user.path, user.arn) == ("/", f"arn:aws:iam::123456789012:user/{NAME}")
    assert user.others == ("the group g0", "the group g1", "the group g2")
    assert users.read("nobody") is None
