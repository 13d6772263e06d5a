"""Whether an https bucket is also had over http, which no test may open port 80 for."""

import pytest

from gridboss_assets.doctor.http import Answer, Http, Trouble, Unreachable
from gridboss_assets.doctor.probes import Bench, Observation, Result
from gridboss_assets.doctor.probes.bench import DATA
from gridboss_assets.doctor.probes.transport import TRANSPORT
from gridboss_assets.doctor.target import Target
from gridboss_config import Settings


class Https(Http):
    """An S3 server over https, and what a test says over http."""

    def __init__(self, over_http: Answer | Unreachable) -> None:
        super().__init__(1)
        self.over_http = over_http
        self.asked: list[str] = []

    def send(self, method: str, url: str, **_: object) -> Answer:
        if url.startswith("https://"):
            return Answer(200, {}, b"")
        self.asked.append(url)
        if isinstance(self.over_http, Unreachable):
            raise self.over_http
        return self.over_http


def tried(
    over_http: Answer | Unreachable, endpoint: str = "https://s3.example.com:8443"
) -> Observation:
    http = Https(over_http)
    settings = Settings(
        _env_file=None,
        S3_ENABLED=True,
        S3_REGION="us-east-1",
        S3_BUCKET="my-bucket",
        S3_ENDPOINT=endpoint,
        S3_ACCESS_KEY="key",
        S3_SECRET_KEY="secret",
    )
    target = Target.of(settings, http)
    seen = TRANSPORT.baseline.run(Bench(target, target.outer))
    assert all(url.startswith("http://s3.example.com/my-bucket/pending/") for url in http.asked)
    return seen


def test_a_file_that_comes_over_http_is_not_enforced() -> None:
    seen = tried(Answer(200, {}, DATA))
    assert (seen.result, seen.harmless) == (Result.NOT_ENFORCED, False)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(403, {}, b"<Code>AccessDenied</Code>"),
        Answer(301, {"location": "https://s3.example.com/"}, b""),
        Answer(200, {}, b"<html>another server</html>"),
    ],
    ids=str,
)
def test_a_refusal_or_another_server_is_enforced(answer: Answer) -> None:
    assert tried(answer).result is Result.ENFORCED


@pytest.mark.parametrize("trouble", [Trouble.REFUSED, Trouble.TIMEOUT, Trouble.BROKEN])
def test_silence_over_http_is_enforced(trouble: Trouble) -> None:
    assert tried(Unreachable(trouble, "…")).result is Result.ENFORCED


def test_trouble_could_be_anything() -> None:
    assert tried(Answer(503, {}, b"")).result is Result.UNKNOWN
    assert tried(Unreachable(Trouble.PROXY, "the proxy is gone")).result is Result.UNKNOWN


def test_an_endpoint_of_http_is_harmless_on_this_machine_alone() -> None:
    here = tried(Answer(500, {}, b""), "http://127.0.0.1:9000")
    there = tried(Answer(500, {}, b""), "http://s3.example.com:9000")
    assert (here.result, here.harmless) == (Result.NOT_ENFORCED, True)
    assert (there.result, there.harmless) == (Result.NOT_ENFORCED, False)
