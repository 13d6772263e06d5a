"""Raw requests: what is shown of an answer, and why there is none."""

import socket
import ssl
from pathlib import Path

import pytest

from gridboss_assets.doctor.http import Answer, Http, Trouble, Unreachable, proxy_for, tls_trouble

SECRET = "do-not-show-0123"


def trouble(url: str, timeout: float = 5) -> tuple[Trouble, str]:
    with Http(timeout) as http, pytest.raises(Unreachable) as caught:
        http.send("GET", f"{url}?X-Amz-Signature={SECRET}")
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value.trouble, str(caught.value)


def test_an_error_is_shown_by_its_status_and_code_alone() -> None:
    body = f"<Error><Code>SignatureDoesNotMatch</Code><StringToSign>{SECRET}</StringToSign></Error>"
    answer = Answer(403, {"x": SECRET}, body.encode())
    assert str(answer) == "403 SignatureDoesNotMatch"
    assert SECRET not in repr(answer)


def test_a_code_of_more_than_a_name_is_none() -> None:
    assert Answer(403, {}, b"<Code>a b<i></Code>").code == ""
    assert Answer(200, {}, b"<Code>InAFile</Code>").code == ""


def test_nobody_at_a_port_is_told_apart() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert trouble(f"http://127.0.0.1:{bound.getsockname()[1]}/")[0] is Trouble.REFUSED


def test_silence_is_told_apart_and_waited_for_no_longer_than_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert trouble(url, 0.2) == (Trouble.TIMEOUT, "no answer came within 0.2 s")


def test_an_unknown_name_is_told_apart() -> None:
    assert trouble("http://nowhere.invalid/")[0] is Trouble.NAME


def test_a_proxy_that_is_gone_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://user:{SECRET}@127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    assert trouble("http://s3.example.com/")[0] is Trouble.PROXY


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_bundle_without_certificates_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "bundle.pem").write_text(content)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "bundle.pem"))
    found, message = trouble("https://localhost/")
    assert found is Trouble.BUNDLE
    assert "AWS_CA_BUNDLE" in message


def test_hosts_without_a_proxy_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "proxy.example.com:3128")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    assert proxy_for("https://s3.example.com/a") == "http://proxy.example.com:3128"
    assert proxy_for("https://localhost:9000/a") is None


@pytest.mark.parametrize(
    ("code", "expected", "words"),
    [
        (18, Trouble.ISSUER, "nobody whom this machine trusts"),
        (20, Trouble.ISSUER, "nobody whom this machine trusts"),
        (10, Trouble.CERTIFICATE, "has expired"),
        (9, Trouble.CERTIFICATE, "clock"),
        (62, Trouble.CERTIFICATE, "another host name"),
        (64, Trouble.CERTIFICATE, "another host name"),
        (26, Trouble.CERTIFICATE, "is not valid"),
    ],
)
def test_a_certificate_is_refused_for_a_reason(code: int, expected: Trouble, words: str) -> None:
    verdict = ssl.SSLCertVerificationError(1, "certificate verify failed")
    verdict.verify_code = code
    found = tls_trouble(verdict)
    assert (found.trouble, words in str(found)) == (expected, True)


def test_what_speaks_no_tls_is_told_apart() -> None:
    assert tls_trouble(ssl.SSLError(1, "wrong version number")).trouble is Trouble.NOT_TLS
