"""A worker that can't work says so once, with what to do, and does not start."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.support.redisserver import RedisServer
from tests.support.service import COMMAND, environment

BUCKET = {
    "S3_ENABLED": "true",
    "S3_REGION": "us-east-1",
    "S3_BUCKET": "test-assets",
    "S3_ACCESS_KEY": "k",
    "S3_SECRET_KEY": "s",
}
PASSWORD = "correct-horse-battery"


def refused(folder: Path, settings: Mapping[str, str]) -> str:
    """Start a worker and return the one message that it ends with."""
    ended = subprocess.run(  # noqa: S603 - our own command
        [COMMAND, "worker"],
        cwd=folder,
        env=environment(folder, settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Traceback" not in ended.stderr
    assert PASSWORD not in ended.stderr
    return ended.stderr


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        ({}, "Set S3_ENABLED=true"),
        ({**BUCKET, "S3_BUCKET": ""}, "S3_BUCKET"),
        (BUCKET, "Set REDIS_URL"),
        ({**BUCKET, "REDIS_URL": f"redis://:{PASSWORD}@127.0.0.1:1/0"}, "127.0.0.1:1"),
        (
            {**BUCKET, "REDIS_URL": "redis://127.0.0.1:1", "REPORT_MODULES": "league.none"},
            "REPORT_MODULES: league.none",
        ),
    ],
    ids=["no storage", "half a storage", "no redis_url", "no redis", "no module"],
)
def test_the_message_says_what_to_do(
    tmp_path: Path, settings: Mapping[str, str], advice: str
) -> None:
    assert advice in refused(tmp_path, settings)


def test_a_wrong_password_is_told_as_such(tmp_path: Path, redis_server: RedisServer) -> None:
    url = f"redis://:{PASSWORD}@127.0.0.1:{redis_server.port}/0"
    assert "refuses the user or the password" in refused(tmp_path, {**BUCKET, "REDIS_URL": url})


def test_a_rabbitmq_that_is_away_is_told_as_such(tmp_path: Path, redis_server: RedisServer) -> None:
    queue = {"REDIS_URL": redis_server.url, "AMQP_URL": f"amqp://u:{PASSWORD}@127.0.0.1:1/"}
    assert "RabbitMQ can't be reached" in refused(tmp_path, BUCKET | queue)
