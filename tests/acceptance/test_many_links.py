"""A page with many pictures asks once."""

from tests.support.browser import Caller, done, open_link
from tests.support.files import CSV, PHOTO
from tests.support.stage import Stage


def test_fifty_links_of_one_request_all_open(stage: Stage, caller: Caller) -> None:
    keys = [f"avatars/{caller.sub}/{n:032x}.jpg" for n in range(50)]
    for n, key in enumerate(keys):
        stage.write(key, PHOTO, data=b"%d" % n)
    links = done(caller.post("/uploads/download", {"objectKeys": keys}))["links"]
    assert [open_link(link["url"]).content for link in links] == [b"%d" % n for n in range(50)]


def test_each_key_gets_its_own_answer(stage: Stage, caller: Caller) -> None:
    mine, theirs = caller.seal(CSV)["objectKey"], stage.caller().seal(CSV)["objectKey"]
    keys = [theirs, mine, f"pending/{mine}", "exports/../x", mine]
    links = done(caller.post("/uploads/download", {"objectKeys": keys}))["links"]
    assert [link["objectKey"] for link in links] == keys
    assert [link.get("detail", {}).get("error") for link in links] == [
        "forbidden",
        None,
        "invalid_object_key",
        "invalid_object_key",
        None,
    ]
    assert open_link(links[1]["url"]).content == open_link(links[4]["url"]).content == CSV.data


def test_a_link_among_many_is_the_one_that_its_key_alone_gets(caller: Caller) -> None:
    key = caller.seal(CSV)["objectKey"]
    fields = {"disposition": "inline", "filename": "Läufe.csv"}
    link = done(caller.post("/uploads/download", {"objectKeys": [key], **fields}))["links"][0]
    alone = done(caller.download(key, **fields))
    assert set(link) == set(alone)
    disposition = [open_link(one["url"]).headers["Content-Disposition"] for one in (link, alone)]
    assert disposition[0] == disposition[1]
    assert disposition[0].startswith('inline; filename="Laufe.csv"')
