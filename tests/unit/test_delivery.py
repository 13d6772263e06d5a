"""Where a link leads, and for how long: the one function that decides."""

from urllib.parse import parse_qs, urlsplit

import pytest
from tests.support.cloudfront import KEY_PAIR_ID, admit_cookies, admit_url, key_pair

from gridboss_assets import (
    DEFAULT_KINDS,
    Cdn,
    CloudFrontSigner,
    Credentials,
    Delivery,
    S3Storage,
    Uploads,
)
from gridboss_assets.errors import InvalidFilename, Misconfigured
from gridboss_assets.keys import ObjectKey, build, parse

NOW = 1_790_000_000.25
BASE = "https://cdn.example.com"
AVATAR = DEFAULT_KINDS["avatar"]
EXPORT = DEFAULT_KINDS["export"]
PICTURE = build(AVATAR, "driver-7", AVATAR.content_types[0])
TABLE = build(EXPORT, "driver-7", EXPORT.content_types[0])
SEASON = parse("exports/Saison 2026/Läufe+1.csv", DEFAULT_KINDS)
LINES = parse("exports/laps.ndjson", DEFAULT_KINDS)

PLAIN = Cdn(BASE)
SIGNING = Cdn(BASE, CloudFrontSigner(KEY_PAIR_ID, key_pair("ecdsa").private))

every_cdn = pytest.mark.parametrize("cdn", [None, PLAIN, SIGNING], ids=["none", "plain", "key"])


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridboss_assets.storage.s3.time.time", lambda: NOW)


def storage(ttl: int = 3600, expires_at: float | None = None) -> S3Storage:
    credentials = Credentials("AKIAEXAMPLE", "secret", expires_at=expires_at)
    return S3Storage("gridboss-assets", "eu-west-1", credentials, presign_ttl=ttl)


def delivery(cdn: Cdn | None = None, *, now: float = NOW, stable: bool = False) -> Delivery:
    return Delivery(storage(), cdn=cdn, stable_urls=stable, clock=lambda: now)


def is_of_the_bucket(url: str) -> bool:
    return url.startswith("https://gridboss-assets.s3.eu-west-1.amazonaws.com/") and (
        "X-Amz-Signature=" in url
    )


def header_in(url: str) -> str | None:
    return parse_qs(urlsplit(url).query).get("response-content-disposition", [None])[0]


# --- where it leads -------------------------------------------------------------------------


@pytest.mark.parametrize("cdn", [PLAIN, SIGNING], ids=["plain", "key"])
def test_a_cdn_serves_pictures_without_a_query_for_their_cache_life(cdn: Cdn) -> None:
    link = delivery(cdn).link(PICTURE)
    assert (link.url, link.expires_in) == (f"{BASE}/{PICTURE}", 86_400)


@pytest.mark.parametrize("key", [PICTURE, TABLE, SEASON])
def test_without_a_cdn_everything_is_signed_by_the_bucket(key: ObjectKey) -> None:
    link = delivery().link(key)
    assert is_of_the_bucket(link.url)
    assert link.expires_in == 3600


def test_a_cdn_without_a_key_leaves_exports_to_the_bucket() -> None:
    assert is_of_the_bucket(delivery(PLAIN).link(TABLE).url)


@pytest.mark.parametrize("key", [TABLE, SEASON, LINES])
def test_a_cdn_with_a_key_serves_exports_by_its_own_signature(key: ObjectKey) -> None:
    link = delivery(SIGNING).link(key)
    assert link.url.startswith(f"{BASE}/exports/")
    assert "X-Amz-" not in link.url
    public = key_pair("ecdsa").public
    admit_url(link.url, public, now=NOW + link.expires_in - 1)


def test_a_key_is_percent_encoded_on_the_cdn() -> None:
    path = urlsplit(delivery(SIGNING).link(SEASON).url).path
    assert path == "/exports/Saison%202026/L%C3%A4ufe%2B1.csv"


@every_cdn
def test_a_picture_that_shall_expire_is_signed_by_the_bucket(cdn: Cdn | None) -> None:
    link = delivery(cdn).link(PICTURE, expires_in=60)
    assert is_of_the_bucket(link.url)
    assert link.expires_in == 60


@every_cdn
def test_a_picture_with_a_name_is_signed_by_the_bucket(cdn: Cdn | None) -> None:
    link = delivery(cdn).link(PICTURE, disposition="attachment", filename="me.jpg")
    assert is_of_the_bucket(link.url)


@every_cdn
@pytest.mark.parametrize("life", [0, -1])
def test_a_link_can_not_live_for_no_time(cdn: Cdn | None, life: int) -> None:
    with pytest.raises(ValueError, match="expires_in"):
        delivery(cdn).link(TABLE, expires_in=life)


@every_cdn
def test_an_upload_is_linked_to_as_a_download_is(cdn: Cdn | None) -> None:
    uploads = Uploads(storage(), delivery=delivery(cdn))
    assert uploads.download(PICTURE) == delivery(cdn).link(PICTURE)


# --- name and disposition -------------------------------------------------------------------


@pytest.mark.parametrize("cdn", [None, SIGNING], ids=["bucket", "cdn"])
@pytest.mark.parametrize(
    ("disposition", "filename", "header"),
    [
        ("inline", None, "inline"),
        ("attachment", None, "attachment"),
        (
            None,
            "läufe.csv",
            "attachment; filename=\"laufe.csv\"; filename*=UTF-8''l%C3%A4ufe.csv",
        ),
        ("inline", "../a\n.csv", "inline; filename=\"a.csv\"; filename*=UTF-8''a.csv"),
        (
            "attachment",
            'evil".exe',
            "attachment; filename=\"evil.exe.csv\"; filename*=UTF-8''evil.exe.csv",
        ),
    ],
)
def test_name_and_disposition_are_signed(
    cdn: Cdn | None, disposition: str, filename: str | None, header: str
) -> None:
    link = delivery(cdn).link(TABLE, disposition=disposition, filename=filename)  # type: ignore[arg-type]
    assert header_in(link.url) == header
    if cdn is not None:
        admit_url(link.url, key_pair("ecdsa").public, now=NOW)


def test_a_saved_name_fits_what_was_written() -> None:
    assert 'filename="a.ndjson"' in str(header_in(delivery().link(LINES, filename="a").url))


def test_a_saved_name_keeps_an_unknown_ending() -> None:
    key = parse("exports/season.xlsx", DEFAULT_KINDS)
    assert 'filename="a.xlsx"' in str(header_in(delivery().link(key, filename="a.xlsx").url))


@every_cdn
def test_a_name_of_nothing_is_refused(cdn: Cdn | None) -> None:
    with pytest.raises(InvalidFilename):
        delivery(cdn).link(TABLE, filename="///")


# --- stable URLs ----------------------------------------------------------------------------

bucket_or_cdn = pytest.mark.parametrize("cdn", [None, SIGNING], ids=["bucket", "cdn"])


def moments(
    cdn: Cdn | None, monkeypatch: pytest.MonkeyPatch, **how: object
) -> list[tuple[str, int]]:
    """Make a link at each second of two lives."""
    links = []
    for second in range(0, 7200, 61):
        now = NOW + second
        monkeypatch.setattr("gridboss_assets.storage.s3.time.time", lambda now=now: now)
        link = delivery(cdn, now=now, stable=True).link(TABLE, **how)  # type: ignore[arg-type]
        links.append((link.url, link.expires_in))
    return links


@bucket_or_cdn
def test_a_stable_url_stays_for_half_of_its_life(
    cdn: Cdn | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = moments(cdn, monkeypatch)
    # Two hours cut at most five windows of half an hour.
    assert len({url for url, _ in links}) in {4, 5}
    assert all(1800 < left <= 3600 for _, left in links)


@bucket_or_cdn
def test_a_stable_url_tells_the_truth_about_its_end(
    cdn: Cdn | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends: dict[str, int] = {}
    for second, (url, left) in zip(range(0, 7200, 61), moments(cdn, monkeypatch), strict=True):
        assert ends.setdefault(url, second + left) == second + left


@bucket_or_cdn
def test_a_stable_url_is_another_one_with_another_name(cdn: Cdn | None) -> None:
    stable = delivery(cdn, stable=True)
    as_is, named = stable.link(TABLE), stable.link(TABLE, filename="a.csv")
    assert as_is.url != named.url
    assert stable.link(TABLE, filename="a.csv") == named


@bucket_or_cdn
def test_a_life_of_its_own_is_counted_from_now(
    cdn: Cdn | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = moments(cdn, monkeypatch, expires_in=600)
    assert {left for _, left in links} == {600}
    assert len({url for url, _ in links}) == len(links)


def test_the_windows_of_keys_do_not_begin_together() -> None:
    stable = delivery(stable=True)
    lives = {
        stable.link(build(EXPORT, "driver-7", EXPORT.content_types[0])).expires_in
        for _ in range(20)
    }
    assert len(lives) > 10


def test_a_stable_url_tells_that_a_session_ends_sooner() -> None:
    ends = Delivery(storage(expires_at=NOW + 100), stable_urls=True, clock=lambda: NOW).link(TABLE)
    assert ends.expires_in == 100
    assert "X-Amz-Expires=3600" in ends.url


def test_urls_are_not_stable_unless_asked_for() -> None:
    first = delivery().link(TABLE)
    assert parse_qs(urlsplit(first.url).query)["X-Amz-Date"] == ["20260921T141320Z"]


# --- cookies --------------------------------------------------------------------------------


def test_cookies_open_what_one_caller_owns() -> None:
    cookies = delivery(SIGNING).cookies(EXPORT, "driver-7", expires_in=600)
    assert (cookies.resource, cookies.path, cookies.expires_in) == (
        f"{BASE}/exports/driver-7/*",
        "/exports/driver-7/",
        600,
    )
    admit_cookies(f"{BASE}/{TABLE}", cookies.values, key_pair("ecdsa").public, now=NOW + 599)
    assert "CloudFront-Signature" not in repr(cookies)


def test_cookies_of_a_caller_with_wildcards_open_nothing_else() -> None:
    cookies = delivery(SIGNING).cookies(EXPORT, "driver-*?")
    assert cookies.resource.count("*") == 1
    assert "?" not in cookies.resource


@pytest.mark.parametrize("cdn", [None, PLAIN], ids=["none", "plain"])
def test_cookies_need_a_key(cdn: Cdn | None) -> None:
    with pytest.raises(Misconfigured) as caught:
        delivery(cdn).cookies(EXPORT, "driver-7")
    assert "CDN_PRIVATE_KEY" in str(caught.value.detail)


def test_cookies_need_an_owner() -> None:
    with pytest.raises(ValueError, match="sub"):
        delivery(SIGNING).cookies(EXPORT, "")
