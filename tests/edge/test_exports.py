"""Exports at the edge: they need a signature, and are cached all the same."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest
from tests.edge.conftest import Given, Publish, UploadsBehind, settings_of
from tests.support.browser import open_link
from tests.support.cloudfront import KEY_PAIR_ID, key_pair
from tests.support.edge import Edge
from tests.support.files import CSV, OTHER_CSV, PNG

from gridboss_assets import CloudFrontSigner, CompletedUpload, S3Storage, Uploads

KEY = key_pair("rsa")


def test_an_unsigned_export_is_refused_and_never_fetched(edge: Edge, publish: Publish) -> None:
    export = publish(CSV)
    assert edge.ask(f"/{export.object_key}").status == 403
    assert not edge.fetched()


def test_an_export_is_fetched_once_for_all_its_links(
    edge: Edge, publish: Publish, uploads: Uploads
) -> None:
    key = publish(CSV).object_key
    links = [uploads.download(key, expires_in=seconds).url for seconds in (60, 120)]
    assert len(set(links)) == 2
    replies = [edge.ask(link) for link in links]
    assert [(r.status, r.cache, r.body) for r in replies] == [
        (200, "MISS", CSV.data),
        (200, "HIT", CSV.data),
    ]
    assert [e.path for e in edge.fetched()] == [f"/{key}"]


def test_a_private_export_stays_at_the_edge_for_three_hours(edge: Edge, publish: Publish) -> None:
    """MinTTL sees to it; otherwise an edge keeps nothing that is private."""
    export = publish(CSV)
    reply = edge.ask(export.url)
    assert reply.headers["cache-control"] == "private, max-age=10800"
    assert edge.cache.life(f"/{export.object_key}") == 10800


def test_an_export_is_saved_and_not_shown_as_a_page(edge: Edge, publish: Publish) -> None:
    reply = edge.ask(publish(CSV).url)
    assert reply.headers["content-type"] == "text/csv"
    assert reply.headers["content-disposition"].startswith("attachment")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in reply.headers["content-security-policy"]


def test_a_large_table_travels_compressed(edge: Edge, publish: Publish) -> None:
    export = publish(replace(CSV, data=b"driver,points\n" + b"7,25\n" * 1000))
    reply = edge.ask(export.url, headers={"Accept-Encoding": "gzip"})
    assert reply.headers["content-encoding"] == "gzip"
    assert len(reply.body) < export.content_length == len(gzip.decompress(reply.body))


def test_a_link_that_is_over_opens_nothing_that_is_cached(edge: Edge, publish: Publish) -> None:
    export = publish(CSV)
    assert [edge.ask(export.url).cache for _ in range(2)] == ["MISS", "HIT"]
    edge.admission.ahead = export.expires_in
    assert edge.ask(export.url).status == 403


def _forged(_: Edge, export: CompletedUpload, __: CompletedUpload) -> str:
    before, _sep, signature = export.url.partition("Signature=")
    return f"{before}Signature={'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def _of_another_key_pair(edge: Edge, export: CompletedUpload, _: CompletedUpload) -> str:
    signer = CloudFrontSigner(KEY_PAIR_ID, key_pair("ecdsa").private)
    return signer.sign_url(f"{edge.url}/{export.object_key}", expires_at=4_000_000_000)


def _of_an_unknown_key_pair_id(edge: Edge, export: CompletedUpload, _: CompletedUpload) -> str:
    signer = CloudFrontSigner("K0000000000000", KEY.private)
    return signer.sign_url(f"{edge.url}/{export.object_key}", expires_at=4_000_000_000)


def _of_another_export(edge: Edge, export: CompletedUpload, other: CompletedUpload) -> str:
    return f"{edge.url}/{export.object_key}?{other.url.partition('?')[2]}"


def _of_another_host(_: Edge, export: CompletedUpload, __: CompletedUpload) -> str:
    signer = CloudFrontSigner(KEY_PAIR_ID, KEY.private)
    url = f"https://other.example/{export.object_key}"
    query = signer.sign_url(url, expires_at=4_000_000_000).partition("?")[2]
    return f"/{export.object_key}?{query}"


def _made_longer(_: Edge, export: CompletedUpload, __: CompletedUpload) -> str:
    return export.url.replace("Expires=1", "Expires=2")


def _with_another_parameter(_: Edge, export: CompletedUpload, __: CompletedUpload) -> str:
    return f"{export.url}&response-content-type=text/html"


def _with_another_disposition(_: Edge, export: CompletedUpload, __: CompletedUpload) -> str:
    return f"{export.url}&response-content-disposition=inline"


@pytest.mark.parametrize(
    "link",
    [
        _forged,
        _of_another_key_pair,
        _of_an_unknown_key_pair_id,
        _of_another_export,
        _of_another_host,
        _made_longer,
        _with_another_parameter,
        _with_another_disposition,
    ],
)
def test_a_signature_opens_what_it_was_made_for_alone_though_it_is_cached(
    edge: Edge,
    publish: Publish,
    link: Callable[[Edge, CompletedUpload, CompletedUpload], str],
) -> None:
    export, other = publish(CSV), publish(OTHER_CSV)
    assert edge.ask(export.url).status == edge.ask(other.url).status == 200
    wrong = link(edge, export, other)
    assert wrong != export.url
    reply = edge.ask(wrong)
    assert (reply.status, CSV.data in reply.body) == (403, False)
    assert len(edge.fetched()) == 2


def test_another_name_is_another_copy_with_that_name(
    edge: Edge, publish: Publish, uploads: Uploads
) -> None:
    export = publish(CSV)
    named = uploads.download(export.object_key, disposition="inline", filename="Läufe.csv").url
    first, plain, second = edge.ask(named), edge.ask(export.url), edge.ask(named)
    assert [first.cache, plain.cache, second.cache] == ["MISS", "MISS", "HIT"]
    for reply in (first, second):
        assert reply.headers["content-disposition"].startswith("inline")
        assert quote("Läufe.csv") in reply.headers["content-disposition"]
    assert plain.headers["content-disposition"].startswith("attachment")
    assert [e.path.partition("?")[2].partition("=")[0] for e in edge.fetched()] == [
        "response-content-disposition",
        "",
    ]


def test_nothing_of_the_signature_reaches_the_bucket(
    edge: Edge, publish: Publish, uploads: Uploads
) -> None:
    key = publish(CSV).object_key
    canned = uploads.download(key, disposition="inline").url
    custom = CloudFrontSigner(KEY_PAIR_ID, KEY.private).sign_url(
        f"{edge.url}/{key}", expires_at=4_000_000_000, ip_range="127.0.0.1/32"
    )
    assert [edge.ask(url).status for url in (canned, custom)] == [200, 200]
    asked = " ".join(f"{e.path} {e.headers}" for e in edge.fetched())
    assert key in asked
    for parameter in ("Expires", "Policy", "Signature=", "Key-Pair-Id", "Hash-Algorithm"):
        assert f"?{parameter}" not in asked
        assert f"&{parameter}" not in asked


def test_a_custom_policy_holds_for_its_address_alone(edge: Edge, publish: Publish) -> None:
    key = publish(CSV).object_key
    signer = CloudFrontSigner(KEY_PAIR_ID, KEY.private)
    here, elsewhere = (
        signer.sign_url(f"{edge.url}/{key}", expires_at=4_000_000_000, ip_range=address)
        for address in ("127.0.0.0/8", "192.0.2.0/24")
    )
    assert [edge.ask(url).status for url in (here, elsewhere)] == [200, 403]


def test_ecdsa_signatures_open_exports_too(
    ecdsa_edge: Edge, publish: Publish, uploads_behind: UploadsBehind
) -> None:
    ecdsa_edge.begin()
    export = publish(CSV, by=uploads_behind(ecdsa_edge, key_pair("ecdsa")))
    by_rsa = uploads_behind(ecdsa_edge, KEY).download(export.object_key).url
    assert [ecdsa_edge.ask(url).status for url in (export.url, by_rsa)] == [200, 403]


def test_without_a_key_exports_are_read_from_the_bucket(
    keyless: Edge, publish: Publish, given: Given, storage: S3Storage
) -> None:
    settings = settings_of(given | {"CDN_BASE_URL": keyless.url})
    uploads = Uploads.from_settings(settings, storage=storage)
    avatar, export = publish(PNG, by=uploads), publish(CSV, by=uploads)
    assert avatar.url == f"{keyless.url}/{avatar.object_key}"
    assert export.url.startswith(f"{given['S3_ENDPOINT']}/{given['S3_BUCKET']}/exports/")
    assert open_link(export.url).content == CSV.data
    assert not keyless.fetched()
