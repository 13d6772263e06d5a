"""What a load balancer and the person on call are told, and what the log is not."""

import re
import time

import requests
from tests.support import tokens
from tests.support.browser import Caller, Signed, done, http, refused
from tests.support.files import CSV, PDF, PHOTO
from tests.support.stage import Stage

# The service remembers what it found for a moment; there is nothing but the clock to wait for.
_PATIENCE_SECONDS = 20


def readiness(stage: Stage, status: int) -> requests.Response:
    """Ask until the service has noticed, and return that answer."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        answer = http("GET", f"{stage.service.url}/readyz")
        if answer.status_code == status or time.monotonic() > deadline:
            assert answer.status_code == status, answer.text
            return answer
        time.sleep(0.1)


def test_healthz_asks_nothing_of_the_storage(stage: Stage) -> None:
    with stage.proxy.down():
        answer = http("GET", f"{stage.service.url}/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_readyz_names_every_check_that_passed(stage: Stage) -> None:
    assert readiness(stage, 200).json() == {
        "status": "ready",
        "checks": {"settings": "ok", "storage": "ok"},
    }


def test_readyz_names_the_check_that_failed_while_the_storage_is_down(stage: Stage) -> None:
    with stage.proxy.down():
        answer = readiness(stage, 503)
    assert answer.json() == {
        "status": "not_ready",
        "checks": {"settings": "ok", "storage": "storage_unavailable"},
    }
    assert int(answer.headers["Retry-After"]) > 0
    assert readiness(stage, 200)


def test_readyz_tells_a_storage_that_denies_from_one_that_is_down(stage: Stage) -> None:
    readiness(stage, 200)  # what it remembers of the test before is over
    stage.proxy.fail(lambda request: "list-type=2" in request.path, 403, "AccessDenied", None)
    answer = readiness(stage, 503)
    assert answer.json()["checks"] == {"settings": "ok", "storage": "storage_error"}
    for secret in (stage.server.secret_key, stage.server.access_key, stage.bucket, "AccessDenied"):
        assert secret not in answer.text


def test_the_log_holds_no_secret_whatever_goes_wrong(stage: Stage, caller: Caller) -> None:
    signed = caller.upload(CSV)
    key = signed["objectKey"]
    stage.proxy.fail(stage.about("GET", key), 403, "SignatureDoesNotMatch", None)
    refused(caller.complete(key), 502, "storage_error")
    stage.proxy.clear()
    link = done(caller.complete(key))["url"]
    refused(caller.complete(link), 400, "invalid_object_key")
    refused(caller.ask_to_sign(PHOTO, kind=link), 400, "unsupported_kind")
    refused(caller.ask_to_sign(PHOTO, size=str(signed)), 422, "invalid_request")
    bad = caller.sign(CSV)["objectKey"]
    stage.write(f"pending/{bad}", CSV, PDF.data)
    refused(caller.complete(bad), 400, "content_mismatch")
    token = tokens.token(caller.sub, type="refresh")
    stranger = Caller(caller.service, authorization=f"Bearer {token}")
    refused(stranger.ask_to_sign(CSV), 401, "unauthenticated")
    refused(caller.call("GET", f"/{token}?{link.partition('?')[2]}"), 404, "not_found")
    caller.call("GET", "/healthz")  # a line is written after its answer, but before the next one
    log = stage.service.log
    assert caller.sub in log
    secrets = {
        "S3 secret key": stage.server.secret_key,
        "JWT secret": tokens.SECRET,
        "token": token,
        "signature of the token": token.rpartition(".")[2],
        "signature of a link": signature_in(link),
        "signature of an upload": signature_of(signed),
    }
    assert [name for name, secret in secrets.items() if secret in log] == []


def test_the_log_is_one_json_object_a_line(stage: Stage, caller: Caller) -> None:
    refused(caller.complete("avatars/a\r\nb.png"), 400, "invalid_object_key")
    lines = stage.service.log.splitlines()
    assert lines
    assert [line for line in lines if not (line.startswith("{") and line.endswith("}"))] == []


def signature_of(signed: Signed) -> str:
    """Return the signature of a form or of a signed PUT."""
    return str(signed["fields"].get("x-amz-signature") or signature_in(signed["url"]))


def signature_in(url: str) -> str:
    """Return the signature of a signed URL."""
    found = re.search(r"X-Amz-Signature=([0-9a-f]{64})", url)
    assert found
    return found[1]
