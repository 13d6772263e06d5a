"""``gridboss-assets cdn``: shows the plan, asks, executes it, and says what comes next."""

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.stub import ANY, Stubber
from tests.support.bucket_commands import NAME, Run, operators_environment
from tests.support.cloudfront_account import CloudFront
from tests.support.cloudfront_rules import Refused
from tests.unit.cdn.conftest import CERTIFICATE, key_pair

from gridboss_assets.buckets.operator import Operator
from gridboss_assets.invalidation import CloudFrontInvalidator

AVATAR = "avatars/driver-7/9f86d081884c7d659a2feaa0c55ad015.png"
ID = "EDFDVBD6EXAMPLE"
BATCH = {"Paths": {"Quantity": 1, "Items": ["/x"]}, "CallerReference": "x"}
ANSWER = {"Id": "I2J0I21PCUYOIK", "CreateTime": "2026-01-01T00:00:00Z", "InvalidationBatch": BATCH}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with operators_environment(monkeypatch, tmp_path):
        yield


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(monkeypatch, capsys, "cdn")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> CloudFront:
    """Have the operator's requests end in an empty account."""
    made = CloudFront()
    monkeypatch.setattr(Operator, "cloudfront", property(lambda _: made.client()))
    return made


@pytest.fixture
def stubber(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """Stub CloudFront's client of invalidations; what was expected has to have been asked."""
    client = boto3.client("cloudfront", "us-east-1")
    monkeypatch.setattr(CloudFrontInvalidator, "client", lambda _: client)
    monkeypatch.setenv("CDN_DISTRIBUTION_ID", ID)
    with Stubber(client) as stubbed:
        yield stubbed
        stubbed.assert_no_pending_responses()


def test_a_plan_shows_each_change_with_its_reason_and_changes_nothing(
    run: Run, account: CloudFront
) -> None:
    code, out, err = run("plan")
    assert code == 1
    assert "+ everything else: answered 403 and never fetched" in out
    assert "PathPattern: avatars/*" in out
    assert "CachePolicyId: (cache policy avatars)" in out.replace('"', "")
    assert f"Reading CloudFront for {NAME}" in err
    assert not account.stored["Distribution"]


def test_apply_prints_the_settings_alone_and_says_what_comes_next(
    run: Run, account: CloudFront, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDN_PUBLIC_KEY", key_pair("one")[1])
    monkeypatch.setenv("CDN_BASE_URL", "https://cdn.example.com")
    monkeypatch.setenv("CDN_CERTIFICATE_ARN", CERTIFICATE)
    code, out, err = run("apply", "--yes")
    (distribution,), (key,) = account.stored["Distribution"], account.stored["PublicKey"]
    assert code == 0
    assert out.splitlines() == [
        f"CDN_DISTRIBUTION_ID={distribution}",
        "CDN_BASE_URL=https://cdn.example.com",
        f"CDN_KEY_PAIR_ID={key}",
    ]
    assert f"cdn.example.com has to be a CNAME of {distribution.lower()}.cloudfront.net" in err
    assert "gridboss-assets bucket apply" in err
    assert "avatars/* and exports/*" in err
    assert "some minutes" in err


def test_with_those_settings_nothing_is_left_to_do(
    run: Run, account: CloudFront, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDN_PUBLIC_KEY", key_pair("one")[1])
    for line in run("apply", "--yes")[1].splitlines():
        monkeypatch.setenv(*line.split("=", 1))
    monkeypatch.setenv("CDN_PRIVATE_KEY", key_pair("one")[0])
    code, out, _ = run("plan")
    assert (code, out.splitlines()[-1]) == (0, f"The distribution of {NAME} is as desired.")
    account.calls.clear()
    assert run("apply")[0] == 0
    assert not any(call.startswith(("Create", "Update", "Delete")) for call in account.calls)


def test_nothing_is_changed_without_a_yes(run: Run, account: CloudFront) -> None:
    code, _, err = run("apply")
    assert (code, "--yes" in err) == (2, True)
    assert not account.stored["OriginAccessControl"]


def test_a_change_shows_what_was_and_what_will_be(run: Run, account: CloudFront) -> None:
    run("apply", "--yes")
    (found,) = account.stored["Distribution"].values()
    behaviour = found["config"]["CacheBehaviors"]["Items"][0]
    behaviour |= {"ViewerProtocolPolicy": "allow-all", "OriginRequestPolicyId": "other"}
    code, out, _ = run("plan")
    assert code == 1
    assert "~ avatars/*: everybody may read it" in out
    assert "ViewerProtocolPolicy: allow-all → https-only" in out
    assert "OriginRequestPolicyId: other → nothing" in out
    assert "TargetOriginId" not in out


@pytest.mark.usefixtures("account")
def test_machines_get_json(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDN_PUBLIC_KEY", key_pair("one")[1])
    code, out, _ = run("plan", "--json")
    planned = json.loads(out)
    assert (code, planned["status"], planned["distribution"]) == (1, 1, None)
    assert planned["steps"][-1]["resource"] == f"distribution for {NAME}"
    code, out, _ = run("apply", "--yes", "--json")
    done = json.loads(out)
    assert code == 0
    assert done["done"] == [step["resource"] for step in planned["steps"]]
    assert set(done["settings"]) == {"CDN_DISTRIBUTION_ID", "CDN_BASE_URL", "CDN_KEY_PAIR_ID"}
    assert any("bucket apply" in step for step in done["next"])


def test_where_it_stops_half_way_it_says_what_is_done_and_what_not(
    run: Run, account: CloudFront
) -> None:
    account.fail = {"CreateDistribution": Refused("TooManyDistributions")}
    code, _, err = run("apply", "--yes")
    assert code == 2
    assert "TooManyDistributions" in err
    assert f"Not done: distribution for {NAME}. What is done stays" in err
    account.fail = {}
    assert run("apply", "--yes")[0] == 0


def test_a_key_is_replaced_in_two_steps(
    run: Run, account: CloudFront, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDN_PUBLIC_KEY", key_pair("one")[1])
    run("apply", "--yes")
    (old,) = account.stored["PublicKey"]
    monkeypatch.setenv("CDN_KEY_PAIR_ID", old)
    monkeypatch.setenv("CDN_PRIVATE_KEY", key_pair("one")[0])
    monkeypatch.setenv("CDN_PUBLIC_KEY", key_pair("two")[1])
    _, out, err = run("apply", "--yes")
    new = out.splitlines()[-1].removeprefix("CDN_KEY_PAIR_ID=")
    assert new in account.stored["PublicKey"]
    assert f"CDN_KEY_PAIR_ID={new} together with its CDN_PRIVATE_KEY" in err
    monkeypatch.setenv("CDN_KEY_PAIR_ID", new)
    monkeypatch.setenv("CDN_PRIVATE_KEY", key_pair("two")[0])
    assert f"--retire-key {old}" in run("plan")[1]
    code, out, _ = run("plan", "--retire-key", old)
    assert (code, f"- {old}: --retire-key" in out) == (1, True)
    assert run("apply", "--yes", "--retire-key", old)[0] == 0
    assert list(account.stored["PublicKey"]) == [new]


def test_another_provider_has_no_cloudfront(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_PROVIDER", "r2")
    monkeypatch.setenv("S3_ENDPOINT", "https://x.r2.cloudflarestorage.com")
    code, out, err = run("plan")
    assert (code, out) == (2, "")
    assert "CloudFront signs its requests to buckets on AWS alone" in err


# --- invalidate ------------------------------------------------------------------------------


def paths_of(*paths: str) -> dict[str, object]:
    """Return the parameters of a request for these paths."""
    batch = {"Paths": {"Quantity": len(paths), "Items": list(paths)}, "CallerReference": ANY}
    return {"DistributionId": ID, "InvalidationBatch": batch}


def test_objects_are_forgotten_by_their_encoded_paths(run: Run, stubber: Stubber) -> None:
    """What has a disposition in its cache key is forgotten with every one of them."""
    begun = {"Invalidation": ANSWER | {"Status": "InProgress"}}
    expected = paths_of(f"/{AVATAR}", "/exports/Saison%20%C3%BC.csv*")
    stubber.add_response("create_invalidation", begun, expected)
    assert run("invalidate", AVATAR, "exports/Saison ü.csv", AVATAR) == (0, f"{ANSWER['Id']}\n", "")


def test_with_wait_it_ends_once_it_is_completed(
    run: Run, stubber: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridboss_assets.invalidation._POLL_SECONDS", 0)
    stubber.add_response("create_invalidation", {"Invalidation": ANSWER | {"Status": "InProgress"}})
    for status in ("InProgress", "Completed"):
        stubber.add_response("get_invalidation", {"Invalidation": ANSWER | {"Status": status}})
    code, out, err = run("invalidate", AVATAR, "--wait")
    assert (code, out) == (0, f"{ANSWER['Id']}\n")
    assert "Waiting" in err


@pytest.mark.parametrize(
    ("code", "says"),
    [("AccessDenied", "cdn-invalidation"), ("NoSuchDistribution", "CDN_DISTRIBUTION_ID")],
)
def test_what_is_refused_says_what_to_do(run: Run, stubber: Stubber, code: str, says: str) -> None:
    stubber.add_client_error("create_invalidation", code, http_status_code=403)
    status, out, err = run("invalidate", AVATAR)
    assert (status, out) == (2, "")
    assert says in err
    assert ID in err


@pytest.mark.parametrize(
    ("key", "says"),
    [
        (f"pending/{AVATAR}", "pending uploads are never served"),
        ("avatars/*", "characters that keys never contain"),
        ("secrets/x.txt", "under no known prefix"),
        ("avatars/../x.png", "segment"),
    ],
)
@pytest.mark.usefixtures("stubber")
def test_a_key_that_no_edge_can_have_is_refused(run: Run, key: str, says: str) -> None:
    status, out, err = run("invalidate", key)
    assert (status, out, says in err) == (2, "", True)


@pytest.mark.usefixtures("stubber")
def test_more_keys_than_cloudfront_takes_are_refused(run: Run) -> None:
    status, _, err = run("invalidate", *(f"avatars/a/{number}.png" for number in range(3001)))
    assert (status, "3000 keys at once" in err) == (2, True)


def test_without_a_distribution_it_says_where_to_find_one(run: Run) -> None:
    status, _, err = run("invalidate", AVATAR)
    assert (status, "CDN_DISTRIBUTION_ID" in err) == (2, True)
