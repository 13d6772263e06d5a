"""Who is let in: a good access token of our own issuer, and nobody else."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.support import tokens
from tests.support.browser import Caller, done, http, refused
from tests.support.files import CSV
from tests.support.stage import Stage

HS256 = {"alg": "HS256", "typ": "JWT"}


def _of_a_key_that_it_brings_along() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    header = {"jwk": jwk, "kid": "mine", "jku": "http://127.0.0.1:9/keys", "x5u": "x"}
    return jwt.encode(tokens.claims("driver-7"), pem, algorithm="RS256", headers=header)


def _altered() -> str:
    header, _, signature = tokens.token().split(".")
    other = tokens.unchecked(HS256, tokens.claims("somebody-else")).split(".")[1]
    return f"{header}.{other}.{signature}"


BAD_TOKENS: dict[str, Callable[[], str]] = {
    "alg none": lambda: tokens.unchecked({"alg": "none"}, tokens.claims("driver-7")),
    "alg nOnE": lambda: tokens.unchecked({"alg": "nOnE"}, tokens.claims("driver-7")),
    "no alg": lambda: tokens.unchecked({"typ": "JWT"}, tokens.claims("driver-7")),
    "no signature": lambda: tokens.unchecked(HS256, tokens.claims("driver-7")),
    "HS512": lambda: jwt.encode(tokens.claims("driver-7"), tokens.SECRET, algorithm="HS512"),
    "a key of its own": _of_a_key_that_it_brings_along,
    "another secret": lambda: tokens.token(secret="s" * 64),
    "altered claims": _altered,
    "a refresh token": lambda: tokens.token(type="refresh"),
    "no type": lambda: tokens.token(type=None),
    "type in a list": lambda: tokens.token(type=["access"]),
    "expired": lambda: tokens.token(exp=int(time.time()) - 120),
    "no expiry": lambda: tokens.token(exp=None),
    "expiry in words": lambda: tokens.token(exp="tomorrow"),
    "endless expiry": lambda: tokens.token(exp=float("inf")),
    "expiry is no number": lambda: tokens.token(exp=float("nan")),
    "not valid yet": lambda: tokens.token(nbf=int(time.time()) + 600),
    "no sub": lambda: tokens.token(None),
    "empty sub": lambda: tokens.token(""),
    "sub is a number": lambda: tokens.token(7),
    "sub is a list": lambda: tokens.token(["driver-7"]),
    "claims are a list": lambda: jwt.api_jws.encode(b"[]", tokens.SECRET),
    "claims nested deeply": lambda: jwt.api_jws.encode(b"[" * 20_000, tokens.SECRET),
    "claims are no JSON": lambda: jwt.api_jws.encode(b"{", tokens.SECRET),
    "one part": lambda: "token",
    "three parts of nothing": lambda: "..",
    "garbage": lambda: "a.b.c",
    "no base64": lambda: "\xe9.\xe9.\xe9",
    "two tokens": lambda: f"{tokens.token()}, Bearer {tokens.token()}",
    "cut off": lambda: tokens.token()[:-4],
}


def _unauthenticated(answer: Any) -> None:
    refused(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("make", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_token_that_is_not_good_lets_nobody_in(stage: Stage, make: Callable[[], str]) -> None:
    caller = Caller(stage.service.url, authorization=f"Bearer {make()}".encode("latin-1"))
    _unauthenticated(caller.ask_to_sign(CSV))


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic ZHJpdmVyOnNlY3JldA==", "Token {}", "{}", "Bearer{}"]
)
def test_only_a_bearer_token_counts(stage: Stage, header: str) -> None:
    caller = Caller(stage.service.url, authorization=header.format(tokens.token()))
    _unauthenticated(caller.ask_to_sign(CSV))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/uploads/sign"),
        ("POST", "/uploads/complete"),
        ("POST", "/uploads/download"),
        ("DELETE", "/uploads"),
    ],
)
def test_every_action_needs_a_token(stage: Stage, method: str, path: str) -> None:
    _unauthenticated(http(method, stage.service.url + path, json={"objectKey": "avatars/a.png"}))


@pytest.mark.parametrize("place", ["access_token", "token"])
def test_a_token_in_the_query_does_not_count(stage: Stage, place: str) -> None:
    url = f"{stage.service.url}/uploads/sign?{place}={tokens.token()}"
    _unauthenticated(http("POST", url, json={"kind": "avatar", "filename": "a.png"}))


@pytest.mark.parametrize("path", ["/uploads/kinds", "/healthz", "/readyz", "/openapi.json"])
def test_what_is_no_secret_needs_no_token(stage: Stage, path: str) -> None:
    # /readyz may still remember what an earlier test did to the storage.
    assert http("GET", stage.service.url + path).status_code in {200, 503}


def test_the_scheme_may_be_written_in_any_case(stage: Stage) -> None:
    assert Caller(stage.service.url, authorization=f"bearer {tokens.token()}").sign(CSV)


def test_clocks_may_differ_by_a_few_seconds(stage: Stage) -> None:
    now = int(time.time())
    for token in (tokens.token(exp=now - 5), tokens.token(nbf=now + 15, iat=now + 15)):
        bearer = f"Bearer {token}"
        assert Caller(stage.service.url, authorization=bearer).sign(CSV)


def test_a_message_tells_an_expired_sign_in_from_a_bad_one(stage: Stage) -> None:
    bearer = f"Bearer {tokens.token(exp=int(time.time()) - 120)}"
    answer = Caller(stage.service.url, authorization=bearer).ask_to_sign(CSV)
    assert "expired" in refused(answer, 401, "unauthenticated")


@pytest.mark.parametrize(
    "issuer",
    [None, "", "https://sign-in.test/", "https://evil.test", ["https://sign-in.test"]],
    ids=str,
)
def test_a_token_of_another_issuer_lets_nobody_in(stage: Stage, issuer: Any) -> None:
    bearer = f"Bearer {tokens.token(tokens.new_sub(), iss=issuer)}"
    _unauthenticated(Caller(stage.strict.url, authorization=bearer).ask_to_sign(CSV))


def test_a_token_of_our_own_issuer_lets_its_caller_in(stage: Stage) -> None:
    caller = stage.strict_caller()
    assert caller.sub in caller.sign(CSV)["objectKey"]


def test_without_sign_in_everybody_is_the_developer(stage: Stage) -> None:
    answer = Caller(stage.anonymous.url, authorization="").ask_to_sign(CSV)
    assert done(answer)["objectKey"].startswith("exports/dev/")
