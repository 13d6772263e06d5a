"""A link reads one object for a while, and nothing else."""

import re
import time

import pytest
from tests.support.browser import Caller, done, http, open_link
from tests.support.files import CSV, OTHER_CSV
from tests.support.stage import Stage


@pytest.fixture
def url(caller: Caller) -> str:
    """Link to a sealed export."""
    return str(caller.seal(CSV)["url"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Amz-Expires", "604800"),
        ("X-Amz-Date", "29990101T000000Z"),
        ("X-Amz-SignedHeaders", "x"),
        ("X-Amz-Signature", "0" * 64),
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA1"),
        ("X-Amz-Credential", "somebody%2F20260101%2Fus-east-1%2Fs3%2Faws4_request"),
    ],
)
def test_a_link_with_a_parameter_altered_is_refused(url: str, name: str, value: str) -> None:
    altered, changed = re.subn(rf"({name}=)[^&]*", rf"\g<1>{value}", url)
    assert (changed, altered != url) == (1, True)
    assert open_link(altered).status_code in {400, 403}


@pytest.mark.parametrize(
    "parameter",
    ["response-content-type=text%2Fhtml", "response-content-disposition=inline", "acl", "x=1"],
)
def test_a_link_with_a_parameter_added_is_refused(url: str, parameter: str) -> None:
    assert open_link(f"{url}&{parameter}").status_code == 403


def test_a_link_without_its_query_is_refused(url: str) -> None:
    assert open_link(url.partition("?")[0]).status_code == 403


def test_a_link_reads_one_object_alone(caller: Caller, url: str) -> None:
    other = caller.seal(OTHER_CSV)["objectKey"]
    mine = url.partition("?")[0].partition("exports/")[2]
    altered = url.replace(f"exports/{mine}", other)
    assert altered != url
    assert open_link(altered).status_code == 403


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_link_only_reads(url: str, method: str) -> None:
    assert http(method, url, data=b"other").status_code in {400, 403, 405, 501}
    assert open_link(url).content == CSV.data


def test_an_expired_link_is_refused(stage: Stage) -> None:
    caller = stage.strict_caller()
    stage.write(f"exports/{caller.sub}.csv", CSV)
    link = done(caller.download(f"exports/{caller.sub}.csv"))
    assert link["expiresIn"] == 1
    time.sleep(1.2)  # nothing tells that a second has passed but the clock
    late = open_link(link["url"])
    assert late.status_code == 403
    assert "expired" in late.text.lower()
