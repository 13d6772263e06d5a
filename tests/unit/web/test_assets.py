"""``GET /assets/KEY``: an address that never expires leads to a link that does."""

import logging
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient
from tests.support import tokens
from tests.support.serving import BUCKET, CDN, app_of, ask, browser, signed_in

from gridboss_assets import Credentials, S3Storage
from gridboss_assets.access import Action, Caller, Resource
from gridboss_assets.errors import Unauthenticated
from gridboss_assets.web.limits import MemoryLimiter
from gridboss_assets.web.routes.assets import MOST_KEPT_SECONDS

PICTURE = f"avatars/driver-8/{'3' * 32}.png"
MINE = f"exports/driver-7/{'1' * 32}.csv"
THEIRS = f"exports/driver-8/{'2' * 32}.csv"

OPENED: dict[str, dict[str, Any]] = {
    "public avatars": {"PUBLIC_AVATARS": True},
    "a CDN": {"CDN_BASE_URL": CDN},
}
opened = pytest.mark.parametrize("settings", OPENED.values(), ids=OPENED)


def refusal(answer: Any) -> tuple[int, str]:
    assert "location" not in answer.headers
    assert set(answer.json()) == {"detail"}
    return answer.status_code, answer.json()["detail"]["error"]


def max_age(answer: Any) -> int:
    found = re.fullmatch(r"private, max-age=(\d+)", answer.headers["cache-control"])
    assert found
    return int(found[1])


# --- where it leads -----------------------------------------------------------------------------


def test_a_picture_is_shown_without_a_token_from_the_bucket() -> None:
    answer = browser(PUBLIC_AVATARS=True).get(f"/assets/{PICTURE}")
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"{BUCKET}/{PICTURE}?X-Amz-")


def test_a_picture_is_shown_without_a_token_from_the_cdn() -> None:
    answer = browser(CDN_BASE_URL=CDN).get(f"/assets/{PICTURE}")
    assert (answer.status_code, answer.headers["location"]) == (302, f"{CDN}/{PICTURE}")


def test_an_export_leads_its_owner_to_a_signed_link() -> None:
    answer = browser(CDN_BASE_URL=CDN).get(f"/assets/{MINE}", headers=signed_in())
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"{BUCKET}/{MINE}?X-Amz-")


def test_head_is_answered_as_get_is() -> None:
    client = browser(CDN_BASE_URL=CDN)
    answers = [client.request(method, f"/assets/{PICTURE}") for method in ("GET", "HEAD")]
    headers = [{k: v for k, v in a.headers.items() if k != "x-request-id"} for a in answers]
    assert headers[0] == headers[1]
    assert {(a.status_code, a.content) for a in answers} == {(302, b"")}


def test_nothing_of_the_request_but_the_key_enters_the_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gridboss_assets.storage.s3.time.time", lambda: 1_790_000_000.0)
    client = browser(PUBLIC_AVATARS=True)
    plain = client.get(f"/assets/{PICTURE}").headers["location"]
    query = "response-content-type=text/html&filename=a.exe&disposition=inline&expires_in=9"
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Referer": "x"}
    assert client.get(f"/assets/{PICTURE}?{query}", headers=headers).headers["location"] == plain


@pytest.mark.parametrize("path", ["/assets", "/uploads/kinds/", "/healthz/", "//evil.example/.."])
def test_no_address_that_lacks_or_has_a_slash_is_redirected(path: str) -> None:
    answer = ask(app_of(), path, headers={"Host": "evil.example"})
    assert answer.status == 404
    assert "location" not in answer.headers


# --- who may follow it --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "key"),
    [({}, PICTURE), *[(settings, MINE) for settings in OPENED.values()], ({}, "exports/a.csv")],
)
def test_what_is_not_open_needs_a_sign_in(settings: dict[str, Any], key: str) -> None:
    answer = browser(**settings).get(f"/assets/{key}")
    assert refusal(answer) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_picture_that_is_not_open_is_for_any_caller() -> None:
    assert browser().get(f"/assets/{PICTURE}", headers=signed_in()).status_code == 302


@pytest.mark.parametrize("parameter", ["access_token", "token", "Authorization", "bearer"])
def test_a_token_in_the_query_is_not_read(parameter: str) -> None:
    query = f"{parameter}={tokens.token('driver-7')}"
    assert refusal(browser().get(f"/assets/{MINE}?{query}")) == (401, "unauthenticated")


def test_somebody_elses_export_is_refused() -> None:
    answer = browser(CDN_BASE_URL=CDN).get(f"/assets/{THEIRS}", headers=signed_in())
    assert refusal(answer) == (403, "forbidden")


@opened
@pytest.mark.parametrize("token", ["nonsense", tokens.token("driver-7", exp=1), ""])
def test_a_bad_token_does_not_break_a_public_picture(settings: dict[str, Any], token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    assert browser(**settings).get(f"/assets/{PICTURE}", headers=headers).status_code == 302


@opened
def test_nobody_is_asked_who_looks_at_a_public_picture(settings: dict[str, Any]) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("asked")

    client = browser({"authenticate": never, "authorize": never}, **settings)
    assert client.get(f"/assets/{PICTURE}").status_code == 302


def by_cookie(request: Any) -> Caller:
    if request.cookies.get("session") != "of-ada":
        raise Unauthenticated
    return Caller("ada")


def test_a_cookie_of_the_embedder_opens_what_is_not_public() -> None:
    client = browser({"authenticate": by_cookie})
    address = f"/assets/exports/ada/{'1' * 32}.csv"
    assert refusal(client.get(address)) == (401, "unauthenticated")
    client.cookies["session"] = "of-ada"
    assert client.get(address).status_code == 302


@pytest.mark.parametrize("allowed", [True, False])
def test_the_rules_of_an_embedder_decide(allowed: bool) -> None:  # noqa: FBT001
    asked: list[tuple[str, Action, str]] = []

    def rules(caller: Caller, action: Action, resource: Resource) -> bool:
        asked.append((caller.subject, action, str(resource)))
        return allowed

    answer = browser({"authorize": rules}).get(f"/assets/{THEIRS}", headers=signed_in())
    assert asked == [("driver-7", "download", THEIRS)]
    assert answer.status_code == (302 if allowed else 403)


# --- what is no key -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        f"pending/{PICTURE}",
        f"/{PICTURE}",
        "",
        "avatars",
        "avatars/",
        "avatars//a.png",
        "avatars/../exports/a.csv",
        "avatars/./a.png",
        "avatars/a%2Fb.png",
        "avatars/a\nb.png",
        "avatars/a.png\n",
        "avatars/a.png\r\nX-Evil: 1",
        "avatars/a\\b.png",
        "avatars/a?b.png",
        "avatars/a#b.png",
        "avatars/\ufffd.png",
        "secrets/a.png",
        "uploads/sign",
        "https://evil.example/a.png",
        "//evil.example/a.png",
        "avatars/" + "a" * 1024,
    ],
)
@opened
def test_what_is_no_key_of_ours_is_refused(settings: dict[str, Any], path: str) -> None:
    answer = ask(app_of(**settings), f"/assets/{path}", headers=signed_in())
    assert answer.status == 400
    assert b'"invalid_object_key"' in answer.body
    assert "location" not in answer.headers


def test_a_key_in_any_script_leads_to_itself() -> None:
    key = "avatars/Läufe 2026/\u65e5\u672c+1.png"
    answer = ask(app_of(CDN_BASE_URL=CDN), f"/assets/{key}")
    assert answer.headers["location"] == (
        f"{CDN}/avatars/L%C3%A4ufe%202026/%E6%97%A5%E6%9C%AC%2B1.png"
    )


def test_switched_off_uploads_lead_nowhere() -> None:
    answer = browser(S3_ENABLED=False, PUBLIC_AVATARS=True).get(f"/assets/{PICTURE}")
    assert refusal(answer) == (400, "s3_not_enabled")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_address_only_reads(method: str) -> None:
    answer = browser(PUBLIC_AVATARS=True).request(method, f"/assets/{PICTURE}")
    assert refusal(answer) == (405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


# --- how long it is kept, and by whom -----------------------------------------------------------


@pytest.mark.parametrize("ttl", [1, 30, 31, 60, 600, 3600, 7200, 604_800])
@pytest.mark.parametrize("stable", [True, False])
def test_a_browser_keeps_it_for_less_than_the_link_lives(ttl: int, stable: bool) -> None:  # noqa: FBT001
    client = browser(PUBLIC_AVATARS=True, S3_PRESIGN_TTL=ttl, S3_STABLE_URLS=stable)
    body = {"objectKey": PICTURE}
    left = client.post("/uploads/download", json=body, headers=signed_in()).json()["expiresIn"]
    kept = max_age(client.get(f"/assets/{PICTURE}"))
    assert kept <= max(0, left - 29)  # the second may have changed in between
    assert kept <= MOST_KEPT_SECONDS


def test_the_life_of_a_session_bounds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridboss_assets.storage.s3.time.time", lambda: 1_790_000_000.0)
    session = Credentials("AKIAEXAMPLE", "secret", "token", expires_at=1_790_000_100.0)
    storage = S3Storage("gridboss-assets", "eu-west-1", session)
    client = browser({"storage": storage}, PUBLIC_AVATARS=True)
    assert max_age(client.get(f"/assets/{PICTURE}")) == 70


def test_a_link_to_the_cdn_is_looked_up_again_within_the_hour() -> None:
    assert max_age(browser(CDN_BASE_URL=CDN).get(f"/assets/{PICTURE}")) == MOST_KEPT_SECONDS


def test_it_tells_no_other_site_and_no_other_caller() -> None:
    headers = browser(PUBLIC_AVATARS=True).get(f"/assets/{PICTURE}").headers
    assert {name.strip() for name in headers["vary"].split(",")} == {
        "Authorization",
        "Cookie",
        "Origin",
    }
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-length"] == "0"
    assert "content-type" not in headers


def test_a_page_of_a_known_origin_may_read_the_redirect() -> None:
    client = browser(PUBLIC_AVATARS=True, CORS_ORIGINS="https://app.example")
    answer = client.get(f"/assets/{PICTURE}", headers={"Origin": "https://app.example"})
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    other = client.get(f"/assets/{PICTURE}", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


def test_the_log_has_the_address_and_never_the_link(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = browser()
    client.get(f"/assets/{MINE}", headers=signed_in())
    ours = [r for r in caplog.records if r.name.startswith("gridboss_assets")]
    line = next(vars(r) for r in ours if r.name == "gridboss_assets.access")
    assert (line["path"], line["status"], line["owner"]) == (f"/assets/{MINE}", 302, "driver-7")
    assert "Signature" not in str([vars(r) for r in ours])


def test_the_openapi_document_has_the_redirect_with_and_without_a_token() -> None:
    route = browser().get("/openapi.json").json()["paths"]["/assets/{objectKey}"]["get"]
    assert {"Location", "Cache-Control", "Vary"} <= set(route["responses"]["302"]["headers"])
    assert "200" not in route["responses"]
    assert route["security"] == [{"HTTPBearer": []}, {}]


# --- how often ----------------------------------------------------------------------------------


def test_a_public_picture_is_counted_for_the_address_that_asks() -> None:
    app = app_of({"limiter": MemoryLimiter(1)}, PUBLIC_AVATARS=True)
    first, second = ("8.8.8.8", 1), ("8.8.4.4", 1)
    assert ask(app, f"/assets/{PICTURE}", client=first).status == 302
    answer = ask(app, f"/assets/{PICTURE}", client=first)
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) > 0
    assert ask(app, f"/assets/{PICTURE}", client=second).status == 302


@pytest.mark.parametrize("client", [("10.0.0.7", 1), ("127.0.0.1", 1), None])
def test_what_comes_through_a_proxy_has_no_common_allowance(client: Any) -> None:
    app = app_of({"limiter": MemoryLimiter(1)}, PUBLIC_AVATARS=True)
    answers = [ask(app, f"/assets/{PICTURE}", client=client).status for _ in range(3)]
    assert answers == [302, 302, 302]


def test_whoever_is_signed_in_is_counted_as_for_any_link() -> None:
    client = TestClient(app_of({"limiter": MemoryLimiter(1)}), follow_redirects=False)
    assert client.get(f"/assets/{MINE}", headers=signed_in()).status_code == 302
    body = {"objectKey": MINE}
    answer = client.post("/uploads/download", json=body, headers=signed_in())
    assert refusal(answer) == (429, "too_many_requests")


def test_the_path_of_a_signed_link_is_that_of_the_key() -> None:
    answer = browser(PUBLIC_AVATARS=True).get(f"/assets/{PICTURE}")
    assert urlsplit(answer.headers["location"]).path == f"/{PICTURE}"
