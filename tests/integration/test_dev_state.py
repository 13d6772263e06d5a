"""The memory of `gridboss-assets dev`: read back as written, and given up when damaged."""

import logging
from pathlib import Path

import pytest

from gridboss_assets.dev.state import State

STATE = State(port=21_000, access_key="an-access-key", secret_key="a-secret-key")


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    STATE.save(tmp_path / "server.json")
    assert State.load(tmp_path / "server.json") == STATE


def test_a_first_run_remembers_nothing_and_says_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert State.load(tmp_path / "server.json") is None
    assert caplog.messages == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"port": 21000, "access',
        b"[]",
        b"null",
        b"\xff\x00",
        b"[" * 100_000,
        b'{"port": 21000}',
        b'{"port": "21000", "access_key": "an-access-key", "secret_key": "a-secret-key"}',
        b'{"port": 70000, "access_key": "an-access-key", "secret_key": "a-secret-key"}',
        b'{"port": 21000, "access_key": "", "secret_key": "a-secret-key"}',
        b'{"port": 21000, "access_key": "an\\nkey", "secret_key": "a-secret-key"}',
    ],
)
def test_what_is_damaged_is_given_up_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    path = tmp_path / "server.json"
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert State.load(path) is None
    assert [message.startswith(f"{path} is damaged") for message in caplog.messages] == [True]


def test_no_key_is_named_with_what_is_damaged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "server.json"
    path.write_text(STATE.model_dump_json().replace("21000", "-1"))
    State.load(path)
    assert "a-secret-key" not in caplog.text


def test_it_is_written_whole_over_what_an_interrupted_run_left(tmp_path: Path) -> None:
    path = tmp_path / "server.json"
    path.with_name("server.json.new").write_text("half of a very long file" * 100)
    STATE.save(path)
    assert State.load(path) == STATE
    assert [found.name for found in tmp_path.iterdir()] == ["server.json"]
