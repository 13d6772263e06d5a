"""File names travel from the browser to whoever downloads, and lose what could harm on the way."""

import pytest
from tests.support.browser import Caller, done, open_link, refused, send
from tests.support.files import CSV, PHOTO
from tests.support.stage import Stage


def test_a_name_in_any_script_survives(caller: Caller) -> None:
    name = "Gesamtwertung Zürich 日本 🏁.csv"
    signed = caller.sign(CSV, filename=name)
    send(signed, CSV.data)
    answer = done(caller.complete(signed["objectKey"]))
    assert answer["filename"] == name
    assert open_link(answer["url"]).headers["Content-Disposition"] == (
        "attachment; filename=\"Gesamtwertung Zurich  .csv\"; filename*=UTF-8''"
        "Gesamtwertung%20Z%C3%BCrich%20%E6%97%A5%E6%9C%AC%20%F0%9F%8F%81.csv"
    )


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Users\\me\\season.csv", "season.csv"),
        ("a//b.csv", "b.csv"),
        ("..\\..\\season.csv", "season.csv"),
        ("sea\x00son.csv", "season.csv"),
        ("season.csv\x00.exe", "season.csv.exe.csv"),
        ("sea\r\nson: x.csv", "season x.csv"),
        ("..%2f..%2fseason.csv", "2f..2fseason.csv"),
        ("%c0%ae%c0%ae%c0%afseason.csv", "c0aec0aec0afseason.csv"),
        ("invoice\u202evsc.exe", "invoicevsc.exe.csv"),
        ("quo\"ted'.csv", "quoted.csv"),
        ("report.bat", "report.bat.csv"),
        ("Zu\u0308rich.csv", "Z\u00fcrich.csv"),
        (".htaccess", "htaccess.csv"),
        ("season", "season.csv"),
    ],
)
def test_a_name_keeps_nothing_that_could_do_harm(caller: Caller, sent: str, kept: str) -> None:
    signed = caller.sign(CSV, filename=sent)
    assert send(signed, CSV.data).ok
    assert done(caller.complete(signed["objectKey"]))["filename"] == kept


@pytest.mark.parametrize("name", ["../../etc/passwd.jpg", "me\x00.jpg", "..%2f..%2fme.jpg"])
def test_nothing_of_the_name_enters_the_key(caller: Caller, name: str) -> None:
    prefix, owner, last = caller.sign(PHOTO, filename=name)["objectKey"].split("/")
    assert (prefix, owner) == ("avatars", caller.sub)
    identifier, _, extension = last.partition(".")
    assert set(identifier) <= set("0123456789abcdef")
    assert extension == "jpg"


def test_a_long_name_is_shortened_before_its_extension(caller: Caller) -> None:
    signed = caller.sign(CSV, filename="日" * 300 + ".csv")
    send(signed, CSV.data)
    name = done(caller.complete(signed["objectKey"]))["filename"]
    assert name.startswith("日日日")
    assert name.endswith("日.csv")
    assert len(name) < 100


@pytest.mark.parametrize("name", ["", "   ", "...", "/", "\u202e", "\x00\x01", "a/", "n" * 10_240])
def test_a_name_that_is_none_or_endless_is_refused(caller: Caller, name: str) -> None:
    refused(caller.ask_to_sign(CSV, filename=name), 400, "invalid_filename")


def test_a_name_is_signed_and_not_believed_from_elsewhere(stage: Stage, caller: Caller) -> None:
    key = caller.sign(CSV)["objectKey"]
    evil = {"filename": "%2E%2E%2Fevil%0D%0A.exe", "other": "kept?"}
    stage.write(f"pending/{key}", CSV, Metadata=evil, CacheControl="public, max-age=9")
    answer = done(caller.complete(key))
    assert answer["filename"] == "evil.exe.csv"
    head = stage.head(key)
    assert head is not None
    assert "other" not in head["Metadata"]
    assert head["CacheControl"] == "private, max-age=10800"
