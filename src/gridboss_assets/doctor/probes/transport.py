"""Whether the bucket can be reached without TLS."""

from dataclasses import replace
from urllib.parse import urlsplit

from gridboss_assets.doctor.http import Trouble, Unreachable
from gridboss_assets.doctor.probes.base import Need, Observation, Probe, Result, Subject
from gridboss_assets.doctor.probes.bench import DATA, Bench
from gridboss_assets.doctor.target import host_of
from gridboss_config.values import is_loopback

_SERVER_ERROR = 500
_SILENCE = {Trouble.REFUSED, Trouble.TIMEOUT, Trouble.BROKEN}


def _plain_http(bench: Bench) -> Observation:
    place = bench.place
    if place.base_url.startswith("http://"):
        here = is_loopback(host_of(place))
        where = "the endpoint is http" + (", on this machine alone" if here else "")
        return Observation(Result.NOT_ENFORCED, where, harmless=here)
    # The usual port, whatever the one of https is: that is where a link without its `s` leads.
    netloc = str(urlsplit(place.base_url).hostname)
    netloc = f"[{netloc}]" if ":" in netloc else netloc
    plain = replace(place, base_url=f"http://{netloc}", host=netloc)
    try:
        answer = bench.send("GET", bench.url("GET", bench.sample(), place=plain))
    except Unreachable as error:
        if error.trouble in _SILENCE:
            return Observation(Result.ENFORCED, "nothing answers over http")
        return Observation(Result.UNKNOWN, str(error))
    if answer.ok and answer.body == DATA:
        return Observation(Result.NOT_ENFORCED, f"it was answered {answer}, with the file")
    if answer.status >= _SERVER_ERROR:
        return Observation(Result.UNKNOWN, f"it was answered {answer}")
    return Observation(Result.ENFORCED, f"{answer}, without the file")


TRANSPORT = Subject(
    "transport",
    Probe(
        "plain-http",
        "a link over plain http is refused",
        Need.PRIVACY,
        "Links, forms and files can be read on the way. Give S3_ENDPOINT and S3_PUBLIC_ENDPOINT "
        "as https URLs, and have plain http denied (`gridboss-assets bucket apply` does, where the "
        "provider can).",
        _plain_http,
    ),
    (),
)
