"""What `gridboss-assets dev` keeps between two runs, and what it does with damaged data."""

import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from tests.integration.test_dev_command import DevCommand
from tests.integration.test_dev_page import upload

CSV = b"driver,points\nAda,25\n"


def add_export(dev: DevCommand) -> tuple[str, str]:
    """Upload an export; return its object key and a link to it."""
    done = upload(dev, "export", "points.csv", "text/csv", CSV)
    return str(done["objectKey"]), str(done["url"])


def fetch(dev: DevCommand, key: str) -> bytes:
    """Download an object through a new link."""
    answer = requests.post(f"{dev.url}/uploads/download", json={"objectKey": key}, timeout=30)
    answer.raise_for_status()
    return requests.get(answer.json()["url"], timeout=30).content


@dataclass
class Restarted:
    """A run of the command, and what was uploaded in the run before it."""

    dev: DevCommand
    sealed: str
    link: str
    pending: str


@pytest.fixture(scope="module", params=[signal.SIGINT, signal.SIGKILL])
def restarted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Restarted]:
    """Upload, end the command with a signal and start it again."""
    directory = tmp_path_factory.mktemp("dev")
    with DevCommand(directory) as before:
        sealed, link = add_export(before)
        pending = upload(before, "export", "p.csv", "text/csv", CSV, complete=False)["objectKey"]
        before.stop(request.param)
    with DevCommand(directory) as after:
        yield Restarted(after, sealed, link, pending)


def test_an_upload_survives_a_restart(restarted: Restarted) -> None:
    assert fetch(restarted.dev, restarted.sealed) == CSV


def test_a_link_survives_a_restart(restarted: Restarted) -> None:
    assert requests.get(restarted.link, timeout=30).content == CSV


def test_an_upload_begun_before_a_restart_is_completed_after_it(restarted: Restarted) -> None:
    key = restarted.pending
    answer = requests.post(
        f"{restarted.dev.url}/uploads/complete", json={"objectKey": key}, timeout=30
    )
    assert answer.ok
    assert fetch(restarted.dev, key) == CSV


def test_a_restart_says_nothing_of_damage(restarted: Restarted) -> None:
    assert "damaged" not in restarted.dev.errors()
    assert "taken" not in restarted.dev.errors()


def test_everything_is_kept_in_the_folder_that_was_asked_for(tmp_path: Path) -> None:
    # A comma would divide the server's own option into two folders.
    folder = tmp_path / "my data, of tests"
    with DevCommand(tmp_path, "--data", str(folder)) as dev:
        add_export(dev)
    assert {path.name for path in tmp_path.iterdir()} == {folder.name, "errors.txt"}
    assert (folder / "seaweedfs" / "data").is_dir()


def test_the_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    with DevCommand(tmp_path):
        assert (tmp_path / ".dev").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / ".dev" / "server.json").stat().st_mode & 0o777 == 0o600


def test_a_damaged_memory_is_made_anew_and_loses_no_upload(tmp_path: Path) -> None:
    with DevCommand(tmp_path) as dev:
        key, _ = add_export(dev)
    memory = tmp_path / ".dev" / "server.json"
    memory.write_bytes(memory.read_bytes()[:20])
    with DevCommand(tmp_path) as dev:
        assert fetch(dev, key) == CSV
        assert "server.json is damaged" in dev.errors()


def test_a_taken_s3_port_is_replaced_and_loses_no_upload(tmp_path: Path) -> None:
    with DevCommand(tmp_path) as dev:
        key, _ = add_export(dev)
        port = int(dev.s3.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)), DevCommand(tmp_path) as again:
        assert again.s3 != dev.s3
        assert fetch(again, key) == CSV
        assert f"{port} to {port + 10}, are taken" in again.errors()
