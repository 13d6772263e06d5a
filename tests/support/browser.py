"""What a browser does: talk to the API, send a file to the bucket, open a link."""

import time
from dataclasses import dataclass, field
from typing import Any

import requests
from tests.support.tokens import new_sub, token

_SECONDS = 60
_TRIES = 10

Signed = dict[str, Any]
"""The answer of ``POST /uploads/sign``."""


def http(method: str, url: str, **how: Any) -> requests.Response:
    """Make one request on a connection of its own; threads may call this at the same time."""
    with requests.Session() as session:
        session.trust_env = False  # neither a proxy nor a .netrc of the developer's
        return session.request(method, url, timeout=_SECONDS, allow_redirects=False, **how)


def send(signed: Signed, data: bytes) -> requests.Response:
    """Send a file straight to the bucket, by whichever method the answer names."""
    if signed["method"] == "PUT":
        return http("PUT", signed["url"], data=data, headers=signed["headers"])
    return http("POST", signed["url"], data=signed["fields"], files={"file": ("blob", data)})


def open_link(url: str) -> requests.Response:
    """Open a link without any header of ours, as an `<img>` does."""
    return http("GET", url)


@dataclass(frozen=True)
class File:
    """A file on somebody's disk, and what it is to be uploaded as."""

    kind: str
    name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Caller:
    """Somebody who is signed in, in front of one service."""

    service: str
    sub: str = field(default_factory=new_sub)
    authorization: str | bytes | None = None

    def call(self, method: str, path: str, **how: Any) -> requests.Response:
        """Send a request with this caller's token."""
        bearer = self.authorization
        if bearer is None:
            bearer = f"Bearer {token(self.sub)}"
        headers = {"Authorization": bearer, **how.pop("headers", {})}
        return http(method, self.service + path, headers=headers, **how)

    def post(self, path: str, body: Any) -> requests.Response:
        """Send a JSON body."""
        return self.call("POST", path, json=body)

    def ask_to_sign(self, file: File, **changes: Any) -> requests.Response:
        """Ask for a signed upload of ``file``, with fields of the request changed."""
        body = {
            "kind": file.kind,
            "filename": file.name,
            "contentType": file.content_type,
            "size": len(file.data),
        }
        return self.post("/uploads/sign", body | changes)

    def sign(self, file: File, **changes: Any) -> Signed:
        """Get a signed upload."""
        answer = self.ask_to_sign(file, **changes)
        assert answer.status_code == 200, answer.text
        signed: Signed = answer.json()
        return signed

    def upload(self, file: File) -> Signed:
        """Sign, and send the file to the bucket."""
        signed = self.sign(file)
        sent = send(signed, file.data)
        assert sent.ok, sent.text
        return signed

    def complete(self, key: str, **fields: Any) -> requests.Response:
        """Ask for an upload to be inspected and sealed."""
        return self.post("/uploads/complete", {"objectKey": key, **fields})

    def complete_in_a_crowd(self, key: str) -> requests.Response:
        """Complete, and again after ``Retry-After`` while too many files wait for inspection.

        On a busy machine that is a true answer, and every client does as it says.
        """
        answer = self.complete(key)
        for _ in range(_TRIES - 1):
            if answer.status_code != 503:
                break
            refused(answer, 503, "inspection_busy")
            time.sleep(float(answer.headers["Retry-After"]))
            answer = self.complete(key)
        return answer

    def seal(self, file: File) -> dict[str, Any]:
        """Upload a file and complete it."""
        return done(self.complete(self.upload(file)["objectKey"]))

    def download(self, key: str, **fields: Any) -> requests.Response:
        """Ask for a link."""
        return self.post("/uploads/download", {"objectKey": key, **fields})

    def delete(self, key: str) -> requests.Response:
        """Ask for an object to be deleted."""
        return self.call("DELETE", "/uploads", json={"objectKey": key})


def done(answer: requests.Response) -> dict[str, Any]:
    """Return the body of an answer that has to be 200."""
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def refused(answer: requests.Response, status: int, code: str) -> str:
    """Hold an answer to the one form that errors have, and return its message."""
    assert (answer.status_code, answer.headers.get("Content-Type")) == (status, "application/json")
    body = answer.json()
    assert body == {"detail": {"error": code, "message": body["detail"]["message"]}}, answer.text
    message: str = body["detail"]["message"]
    assert len(message) > 10
    assert "Traceback" not in message
    assert answer.headers["X-Request-ID"]
    return message


def but_for_url(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without what may differ between two equal ones."""
    return {name: value for name, value in answer.items() if name != "url"}
