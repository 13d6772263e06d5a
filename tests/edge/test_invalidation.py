"""Deleting at the edge: what was told to be forgotten is gone, and the answer tells the truth."""

import pytest
from tests.edge.conftest import Publish, UploadsBehind
from tests.support.cloudfront import key_pair
from tests.support.edge import Edge
from tests.support.edge_invalidation import DISTRIBUTION_ID
from tests.support.files import CSV, OTHER_CSV, PNG
from tests.support.tokens import new_sub

from gridboss_assets import S3Storage, Uploads
from gridboss_assets.errors import CdnDenied
from gridboss_assets.invalidation import CloudFrontInvalidator, path_of


@pytest.fixture
def invalidating(edge: Edge, uploads_behind: UploadsBehind) -> Uploads:
    """Give the application that may invalidate."""
    return uploads_behind(edge, key_pair("rsa"), invalidates=True)


@pytest.fixture
def invalidator(edge: Edge, storage: S3Storage) -> CloudFrontInvalidator:
    return CloudFrontInvalidator(
        DISTRIBUTION_ID, storage.credentials, endpoint=edge.invalidations.url
    )


def test_without_invalidation_the_edge_goes_on_for_as_long_as_was_said(
    edge: Edge, publish: Publish, uploads: Uploads
) -> None:
    avatar = publish(PNG)
    edge.ask(avatar.url)
    assert uploads.delete(avatar.object_key).cdn_may_serve_for == 86400
    reply = edge.ask(avatar.url)
    assert (reply.status, reply.cache) == (200, "HIT")
    assert edge.cache.life(f"/{avatar.object_key}") == 86400


def test_what_was_never_at_the_edge_is_gone_with_its_object(
    edge: Edge, publish: Publish, uploads: Uploads
) -> None:
    avatar = publish(PNG)
    uploads.delete(avatar.object_key)
    assert edge.ask(avatar.url).status in {403, 404}


def test_an_avatar_that_is_deleted_is_gone_from_the_edge(
    edge: Edge, publish: Publish, invalidating: Uploads
) -> None:
    avatar = publish(PNG)
    assert [edge.ask(avatar.url).cache for _ in range(2)] == ["MISS", "HIT"]
    assert invalidating.delete(avatar.object_key).cdn_may_serve_for == 0
    assert edge.ask(avatar.url).status in {403, 404}
    assert edge.invalidations.paths == [f"/{avatar.object_key}"]


def test_an_export_that_is_deleted_is_gone_under_every_name(
    edge: Edge, publish: Publish, invalidating: Uploads
) -> None:
    export = publish(CSV)
    links = [
        export.url,
        *(
            invalidating.download(export.object_key, disposition="inline", filename=name).url
            for name in ("a.csv", "Läufe 2.csv")
        ),
    ]
    assert [edge.ask(link).status for link in links] == [200, 200, 200]
    assert invalidating.delete(export.object_key).cdn_may_serve_for == 0
    assert all(edge.ask(link).status in {403, 404} for link in links)


def test_other_objects_stay_at_the_edge(
    edge: Edge, publish: Publish, invalidating: Uploads
) -> None:
    owner = new_sub()
    gone, kept = publish(CSV, owner=owner), publish(OTHER_CSV, owner=owner)
    for export in (gone, kept):
        edge.ask(export.url)
    invalidating.delete(gone.object_key)
    assert edge.ask(kept.url).cache == "HIT"


def test_without_the_permission_the_edge_goes_on_and_delete_says_so(
    edge: Edge, publish: Publish, invalidating: Uploads
) -> None:
    edge.invalidations.denied = True
    avatar = publish(PNG)
    edge.ask(avatar.url)
    assert invalidating.delete(avatar.object_key).cdn_may_serve_for == 86400
    assert edge.ask(avatar.url).cache == "HIT"


def test_an_invalidation_can_be_waited_for(
    edge: Edge, publish: Publish, invalidator: CloudFrontInvalidator
) -> None:
    avatar = publish(PNG)
    edge.ask(avatar.url)
    begun = invalidator.invalidate([path_of(avatar.object_key)])
    assert invalidator.wait(begun)
    assert edge.ask(avatar.url).cache == "MISS"


def test_a_wildcard_takes_a_whole_prefix(
    edge: Edge, publish: Publish, invalidator: CloudFrontInvalidator
) -> None:
    owner = new_sub()
    own = [publish(PNG, owner=owner) for _ in range(2)]
    other = publish(PNG)
    for avatar in (*own, other):
        edge.ask(avatar.url)
    invalidator.invalidate([f"/avatars/{owner}/*"])
    assert [edge.ask(avatar.url).cache for avatar in (*own, other)] == ["MISS", "MISS", "HIT"]


def test_a_missing_permission_is_named(edge: Edge, invalidator: CloudFrontInvalidator) -> None:
    edge.invalidations.denied = True
    with pytest.raises(CdnDenied) as error:
        invalidator.invalidate(["/avatars/a.png"])
    assert "cdn-invalidation" in str(error.value.detail)


def test_a_distribution_of_somebody_else_is_not_invalidated(edge: Edge, storage: S3Storage) -> None:
    other = CloudFrontInvalidator(
        "E2ANOTHERONE", storage.credentials, endpoint=edge.invalidations.url
    )
    with pytest.raises(CdnDenied) as error:
        other.invalidate(["/avatars/a.png"])
    assert "CDN_DISTRIBUTION_ID" in str(error.value.detail)
    assert not edge.invalidations.paths
