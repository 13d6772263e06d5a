"""The embedded S3 server really starts and stops, and keeps what it was given."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from botocore.exceptions import ClientError
from tests.support.s3server import client_for

from gridboss_assets.dev import weed
from gridboss_assets.dev.bucket import connect
from gridboss_assets.dev.ports import find_block
from gridboss_assets.dev.seaweed import SeaweedFS
from gridboss_assets.errors import ConfigurationError

BUCKET = "test-assets"

# Starts a server and says which process it is, then waits to be killed.
_PARENT = """
import sys, time
from pathlib import Path
from gridboss_assets.dev.seaweed import SeaweedFS
server = SeaweedFS(Path(sys.argv[1]), access_key="key", secret_key="secret")
server.start()
print(server.pid, flush=True)
time.sleep(600)
"""


def is_alive(pid: int) -> bool:
    """Tell whether a process exists and has not ended yet (a zombie has)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until_gone(pid: int) -> None:
    """Return when the process has ended; fail when it still runs after a while."""
    for _ in range(300):
        if not is_alive(pid):
            return
        time.sleep(0.1)
    pytest.fail(f"process {pid} still runs")


def new_server(directory: Path, port: int | None = None) -> SeaweedFS:
    return SeaweedFS(directory, access_key="key", secret_key="secret", port=port)


def test_stop_leaves_no_process(tmp_path: Path) -> None:
    server = new_server(tmp_path)
    server.start()
    pid = server.pid
    assert is_alive(pid)
    server.stop()
    assert not is_alive(pid)


def test_stop_may_be_called_twice_and_before_start(tmp_path: Path) -> None:
    server = new_server(tmp_path)
    server.stop()
    with server:
        pid = server.pid
    server.stop()
    assert not is_alive(pid)


def test_a_restart_keeps_the_port_and_the_objects(tmp_path: Path) -> None:
    server = new_server(tmp_path)
    with server:
        endpoint = server.endpoint
        client_for(server).create_bucket(Bucket=BUCKET)
        client_for(server).put_object(Bucket=BUCKET, Key="kept", Body=b"bytes")
    with server:
        assert server.endpoint == endpoint
        found = client_for(server).get_object(Bucket=BUCKET, Key="kept")
        assert found["Body"].read() == b"bytes"


def test_a_server_that_was_killed_starts_again_with_its_objects(tmp_path: Path) -> None:
    with new_server(tmp_path) as server:
        client_for(server).create_bucket(Bucket=BUCKET)
        client_for(server).put_object(Bucket=BUCKET, Key="kept", Body=b"bytes")
        killed = server.pid
        os.kill(killed, signal.SIGKILL)
        wait_until_gone(killed)
        server.start()
        assert server.pid != killed
        found = client_for(server).get_object(Bucket=BUCKET, Key="kept")
        assert found["Body"].read() == b"bytes"


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGTERM])
def test_the_server_ends_with_its_parent(tmp_path: Path, stop: signal.Signals) -> None:
    command = [sys.executable, "-c", _PARENT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.send_signal(stop)
    wait_until_gone(pid)


def test_a_wrong_secret_is_refused(seaweed: SeaweedFS) -> None:
    stranger = connect(seaweed.endpoint, seaweed.access_key, "not-the-secret")
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        stranger.list_objects_v2(Bucket=BUCKET)


def test_an_unsigned_request_is_refused(seaweed: SeaweedFS) -> None:
    answer = requests.get(f"{seaweed.endpoint}/{BUCKET}", timeout=10)
    assert answer.status_code == 403


def test_a_directory_serves_one_process_at_a_time(tmp_path: Path) -> None:
    with new_server(tmp_path), pytest.raises(ConfigurationError, match="in use by another"):
        new_server(tmp_path).start()


def test_a_taken_port_is_named_in_the_message(seaweed: SeaweedFS, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"the ports {seaweed.port} to"):
        new_server(tmp_path, port=seaweed.port).start()


@pytest.mark.parametrize("place", [0, 3])
def test_a_port_that_is_lost_at_the_last_moment_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    lost = find_block(weed.PORTS)
    found = iter([lost])
    monkeypatch.setattr(
        "gridboss_assets.dev.seaweed.find_block", lambda size: next(found, None) or find_block(size)
    )
    server = SeaweedFS(tmp_path, access_key="key", secret_key="secret")
    with socket.create_server(("127.0.0.1", lost + place)):
        server.start()
    try:
        assert server.port != lost
    finally:
        server.stop()


def test_the_identity_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    with new_server(tmp_path):
        assert (tmp_path / "s3.json").stat().st_mode & 0o777 == 0o600


def test_the_server_listens_on_loopback_only(tmp_path: Path) -> None:
    with new_server(tmp_path) as server:
        ours = set()
        for link in Path(f"/proc/{server.pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed since it was listed
                ours.add(str(link.readlink()))
        listening = [
            line.split()
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
            if line.split()[3] == "0A"
        ]
        addresses = {row[1].partition(":")[0] for row in listening if f"socket:[{row[9]}]" in ours}
    assert addresses == {"0100007F"}
