"""`gridboss-assets doctor` as tests run it, held to showing no secret whatever happens."""

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.proxy import Matcher
from tests.support.s3server import ORIGIN, assert_disposable
from tests.support.service import COMMAND, environment
from typer.testing import CliRunner

from gridboss_assets.cli.main import app
from gridboss_config import Settings, get_settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Loopback is reached directly, whatever proxy the machine has.
_DIRECT = dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost")

JWT_SECRET = "a-jwt-secret-of-at-least-thirty-two-bytes"


@dataclass(frozen=True)
class Run:
    """How one run of the command ended."""

    status: int
    out: str
    err: str

    @cached_property
    def report(self) -> dict[str, Any]:
        """What `--json` printed."""
        report: dict[str, Any] = json.loads(self.out)
        assert report["status"] == self.status
        return report

    def of(self, check: str) -> list[dict[str, str]]:
        """Return the findings of a check."""
        return [each for each in self.report["findings"] if each["check"] == check]

    def one(self, check: str) -> dict[str, str]:
        """Return the only finding of a check."""
        (found,) = self.of(check)
        return found

    def named(self, *statuses: str) -> set[str]:
        """Name the checks that ended so."""
        return {each["check"] for each in self.report["findings"] if each["status"] in statuses}

    def but_for(self, *results: str) -> dict[str, str]:
        """Return the probes that ended otherwise."""
        return {name: result for name, result in self.results().items() if result not in results}

    def results(self) -> dict[str, str]:
        """Return what each probe found, by its name."""
        return {row["name"]: row["result"] for row in self.report["capabilities"]}

    def advice(self) -> dict[str, str | None]:
        """Return the settings that follow."""
        return {each["setting"]: each["value"] for each in self.report["settings"]}


class Doctor:
    """Runs the command over the bucket of some settings, in this process or in one of its own."""

    def __init__(self, directory: Path, settings: Mapping[str, str]) -> None:
        self.directory = directory
        self.settings = dict(settings)

    def __call__(self, *options: str, **changes: str) -> Run:
        """Run it in this process, with `--json` and some settings changed."""
        settings = self._checked(changes)
        around: dict[str, str | None] = dict.fromkeys(map(str.upper, Settings.model_fields))
        get_settings.cache_clear()
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.chdir(self.directory)  # no .env of a developer's
                ended = CliRunner().invoke(
                    app,
                    ["doctor", "--json", *options],
                    env={**around, "AWS_CA_BUNDLE": None, **_DIRECT, **settings},
                )
        finally:
            get_settings.cache_clear()
        if ended.exception and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        return _discreet(Run(ended.exit_code, ended.stdout, ended.stderr), settings)

    def program(self, *options: str, **changes: str) -> Run:
        """Run the program itself, as it is installed."""
        with self.start(*options, **changes) as process:
            out, err = process.communicate()
        return _discreet(Run(process.returncode, out, err), self.settings | changes)

    def start(self, *options: str, **changes: str) -> "subprocess.Popen[str]":
        """Start the program and leave it running."""
        return subprocess.Popen(  # noqa: S603 - the program under test
            [COMMAND, "doctor", *options],
            cwd=self.directory,
            env=environment(self.directory, self._checked(changes)) | {"COLUMNS": "200"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _checked(self, changes: Mapping[str, str]) -> dict[str, str]:
        settings = {**self.settings, **changes}
        for name in ("S3_ENDPOINT", "S3_PUBLIC_ENDPOINT"):
            if settings.get(name) and ".invalid" not in settings[name]:
                assert_disposable(settings[name], settings["S3_BUCKET"])
        return settings


def _discreet(run: Run, settings: Mapping[str, str]) -> Run:
    """Fail if anything secret stands in what was printed; every run goes through here."""
    names = ("S3_SECRET_KEY", "S3_ACCESS_KEY", "S3_SESSION_TOKEN", "JWT_SECRET")
    shown = run.out + run.err
    leaks = [name for name in names if settings.get(name) and settings[name] in shown]
    assert leaks == []
    assert not re.search(r"(?i)x-amz-(?:signature|credential|security-token)\W", shown)
    assert "Traceback" not in shown
    return run


def settings_of(endpoint: str, bucket: str, access_key: str, secret_key: str) -> dict[str, str]:
    """Return the settings of a deployment on a test server."""
    return {
        "S3_ENABLED": "true",
        "S3_REGION": "us-east-1",
        "S3_BUCKET": bucket,
        "S3_ENDPOINT": endpoint,
        "S3_ACCESS_KEY": access_key,
        "S3_SECRET_KEY": secret_key,
        "CORS_ORIGINS": ORIGIN,
        "JWT_SECRET": JWT_SECRET,
    }


def signed_listing() -> Matcher:
    """Match the signed listing of the bucket."""
    return lambda request: "list-type=2" in request.path and "X-Amz-Signature" in request.path


def keys(client: "S3Client", bucket: str) -> list[str]:
    """List what stands in a bucket."""
    return [each["Key"] for each in client.list_objects_v2(Bucket=bucket).get("Contents", [])]
