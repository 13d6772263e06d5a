"""Access tokens: who is let in, and who is not."""

import base64
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.testclient import TestClient

from gridboss_assets import MemoryStorage
from gridboss_assets.errors import SignInUnavailable, Unauthenticated
from gridboss_assets.web import create_app
from gridboss_assets.web.auth.jwks import KeySet
from gridboss_assets.web.auth.tokens import TokenVerifier
from gridboss_config import Settings

SECRET = "a-secret-of-at-least-thirty-two-bytes"
GOOD: dict[str, object] = {"sub": "driver-7", "type": "access", "exp": 4_000_000_000}
KEY = "exports/driver-7/9f86d081884c7d659a2feaa0c55ad015.csv"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.delenv("APP_ENV", raising=False)
    settings = Settings(_env_file=None, JWT_SECRET=SECRET, JWT_ISSUER="https://us.example")
    return TestClient(create_app(settings, storage=MemoryStorage()))


def token(secret: str = SECRET, algorithm: str = "HS256", **claims: object) -> str:
    values = GOOD | {"iss": "https://us.example"} | claims
    return jwt.encode({k: v for k, v in values.items() if v is not None}, secret, algorithm)


def status(client: TestClient, authorization: str | None, **body: object) -> int:
    headers = {} if authorization is None else {"Authorization": authorization}
    body = body or {"objectKey": KEY}
    return client.post("/uploads/download", json=body, headers=headers).status_code


def test_a_good_token_is_let_in(client: TestClient) -> None:
    assert status(client, f"Bearer {token()}") == 200
    assert status(client, f"bearer {token()}") == 200


class CountedKeys:
    """The secret, and how often it was asked for: once for each verification."""

    def __init__(self) -> None:
        self.version = 0
        self.asked = 0

    def key_for(self, header: dict[str, Any]) -> tuple[Any, str]:
        self.asked += 1
        return SECRET.encode(), "HS256"


def test_a_good_token_is_verified_once_a_minute() -> None:
    keys, now = CountedKeys(), [1_000_000.0]
    remembering = TokenVerifier(keys, issuer="https://us.example", clock=lambda: now[0])
    first = token()
    for now[0] in (1_000_000.0, 1_000_059.0, 1_000_061.0):
        assert remembering.caller(first).subject == "driver-7"
    assert keys.asked == 2


def test_a_remembered_token_is_verified_again_when_it_ends() -> None:
    start = int(time.time())
    keys, now = CountedKeys(), [float(start)]
    remembering = TokenVerifier(keys, issuer="https://us.example", clock=lambda: now[0])
    short = token(exp=start + 5)
    for now[0] in (start, start + 34, start + 36):
        remembering.caller(short)
    assert keys.asked == 2


def test_other_keys_forget_every_token() -> None:
    keys = CountedKeys()
    remembering = TokenVerifier(keys, issuer="https://us.example")
    for keys.version in (0, 1):
        remembering.caller(token())
    assert keys.asked == 2


def test_a_bad_token_is_not_remembered_as_good() -> None:
    remembering = TokenVerifier(CountedKeys(), issuer="https://us.example")
    remembering.caller(token())
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            remembering.caller(token()[:-2])


def test_deep_nesting_in_a_token_is_no_fault_of_ours(client: TestClient) -> None:
    nested = base64.urlsafe_b64encode(b"[" * 20_000).decode()
    assert status(client, f"Bearer {nested}.e30.c2ln") == 401


def test_a_token_that_expired_within_the_leeway_is_let_in(client: TestClient) -> None:
    assert status(client, f"Bearer {token(exp=int(time.time()) - 20)}") == 200


def unsigned() -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(GOOD | {'iss': 'https://us.example'})}."


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer x",
        "Basic ZHJpdmVyLTc6",
        f"Bearer {unsigned()}",
        f"Bearer {token('another-secret-of-thirty-two-bytes!!')}",
        f"Bearer {token(algorithm='HS512', secret=SECRET * 2)}",
        f"Bearer {token(exp=int(time.time()) - 60)}",
        f"Bearer {token(exp=None)}",
        f"Bearer {token(exp='4000000000')}",
        f"Bearer {token(sub=None)}",
        f"Bearer {token(sub='')}",
        f"Bearer {token(type='refresh')}",
        f"Bearer {token(type=None)}",
        f"Bearer {token(iss='https://them.example')}",
        f"Bearer {token(iss=None)}",
        f"Bearer {token(aud='another-service')}",
    ],
)
def test_a_bad_token_is_refused(client: TestClient, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = client.post("/uploads/download", json={"objectKey": KEY}, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["detail"]["error"] == "unauthenticated"


@pytest.mark.parametrize("other", ["driver-8", "Driver-7", "driver 7", "driver-7\u200b"])
def test_another_caller_may_not_read_the_export(client: TestClient, other: str) -> None:
    assert status(client, f"Bearer {token(sub=other)}") == 403


def test_any_caller_reads_avatars_and_ownerless_exports(client: TestClient) -> None:
    assert status(client, f"Bearer {token(sub='x')}", objectKey="exports/season.csv") == 200
    avatar = KEY.replace("exports", "avatars").replace("csv", "png")
    assert status(client, f"Bearer {token(sub='x')}", objectKey=avatar) == 200


@pytest.mark.parametrize("key", ["exports/season.csv", "avatars/old.png"])
def test_nobody_deletes_or_seals_what_nobody_owns(client: TestClient, key: str) -> None:
    headers = {"Authorization": f"Bearer {token()}"}
    assert client.delete(f"/uploads?objectKey={key}", headers=headers).status_code == 403
    response = client.post("/uploads/complete", json={"objectKey": key}, headers=headers)
    assert response.status_code == 403


RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())


def key_set(**keys: Any) -> bytes:
    entries = []
    for kid, key in keys.items():
        algorithm = jwt.algorithms.RSAAlgorithm if key is RSA else jwt.algorithms.ECAlgorithm
        entries.append(algorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid})
    return json.dumps({"keys": [*entries, {"kty": "oct", "k": "eA"}, "nonsense"]}).encode()


def verifier(keys: KeySet) -> TokenVerifier:
    return TokenVerifier(keys, issuer="https://us.example", audience="assets")


def jwks_token(key: Any, algorithm: str, kid: str) -> str:
    claims = GOOD | {"iss": "https://us.example", "aud": "assets"}
    return jwt.encode(claims, key, algorithm, {"kid": kid, "jku": "https://evil.example"})


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (EC, "ES256")])
def test_a_key_of_the_set_verifies(key: Any, algorithm: str) -> None:
    keys = KeySet("https://us.example/keys", fetch=lambda _: key_set(r=RSA, e=EC))
    keys.load()
    kid = "r" if key is RSA else "e"
    assert verifier(keys).caller(jwks_token(key, algorithm, kid)).subject == "driver-7"


def test_the_algorithm_is_fixed_by_the_key() -> None:
    keys = KeySet("https://us.example/keys", fetch=lambda _: key_set(r=RSA))
    keys.load()
    with pytest.raises(Unauthenticated):
        verifier(keys).caller(jwks_token(RSA, "RS512", "r"))
    with pytest.raises(Unauthenticated):
        verifier(keys).caller(jwks_token("x" * 32, "HS256", "r"))


def test_keys_are_fetched_at_most_once_a_minute_and_old_ones_stay_good() -> None:
    now = [0.0]
    fetched: list[str] = []

    def fetch(url: str) -> bytes:
        fetched.append(url)
        if len(fetched) > 1:
            raise OSError
        return key_set(r=RSA)

    keys = KeySet("https://us.example/keys", fetch=fetch, clock=lambda: now[0])
    for now[0] in (0.0, 30.0, 59.0, 61.0):
        keys.load()
    assert len(fetched) == 2
    assert verifier(keys).caller(jwks_token(RSA, "RS256", "r")).subject == "driver-7"


def test_before_the_first_fetch_nobody_can_be_judged() -> None:
    keys = KeySet("https://us.example/keys", fetch=lambda _: b"[]")
    keys.load()
    with pytest.raises(SignInUnavailable):
        verifier(keys).caller(jwks_token(RSA, "RS256", "r"))
