"""How `gridboss-assets iam` shows what it found and did: .env lines, JSON, tables, next steps.

Standard output is for the key alone, so that it can be led into a secret store. With ``--json`` it
has one document, whose form is stable (times are ISO 8601)::

    {"status": 0 | 1,                   the exit status
     "user": NAME, "arn": ARN | null,   null where there is no such user yet
     "done": [...],                     of user, policy, key, deactivated, deleted; in order
     "key": ID | null,                  the key that was made or retired
     "keys": [{"id", "status": "active" | "inactive", "created", "last_used", "service"}, ...],
     "file": PATH | null,               what --out wrote
     "settings": {...} | null}          where a key was made and --out not given: S3_PRINCIPAL_ARN,
                                        S3_REGION, S3_BUCKET, S3_ACCESS_KEY, S3_SECRET_KEY
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from gridboss_assets.cli.report import print_json, progress

if TYPE_CHECKING:
    from gridboss_assets.buckets.policies import OptionalStatement
    from gridboss_assets.buckets.user_plans import Creation
    from gridboss_assets.buckets.users import Key, NewKey, User
    from gridboss_config import Settings


@dataclass
class Outcome:
    """What a command has done so far; everything but the secret."""

    user: str
    arn: str | None = None
    done: list[str] = field(default_factory=list)
    key: str | None = None
    keys: "tuple[Key, ...]" = ()
    file: Path | None = None
    status: int = 0

    @classmethod
    def of(cls, name: str, user: "User | None") -> "Outcome":
        """Begin with a user as it is."""
        return cls(name, user.arn, keys=user.keys) if user else cls(name)

    def did(self, step: str) -> None:
        """Note a step, and tell of it."""
        self.done.append(step)
        progress(f"  done: {step}")

    def data(self, settings: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the JSON document; ``settings`` holds a secret."""
        return {
            "status": self.status,
            "user": self.user,
            "arn": self.arn,
            "done": self.done,
            "key": self.key,
            "keys": [_key_data(key) for key in self.keys],
            "file": str(self.file) if self.file else None,
            "settings": settings,
        }

    def with_key(self, key: "NewKey", file: Path | None) -> "Outcome":
        """Return the outcome once a new key is handed over."""
        from gridboss_assets.buckets.users import Key  # noqa: PLC0415 - keeps --help fast

        keys = (*self.keys, Key(key.id, active=True, created=key.created))
        return replace(self, key=key.id, keys=keys, file=file, done=[*self.done, "key"])

    def show(self, *, as_json: bool) -> None:
        """Print the document, if it is wanted."""
        if as_json:
            print_json(self.data())


def _key_data(key: "Key") -> dict[str, str | None]:
    return {
        "id": key.id,
        "status": "active" if key.active else "inactive",
        "created": key.created.isoformat(),
        "last_used": key.last_used.isoformat() if key.last_used else None,
        "service": key.service,
    }


def settings_of(settings: "Settings", arn: str, key: "NewKey") -> dict[str, str]:
    """Return what the application needs to be set: the one place where the secret is unwrapped."""
    return {
        "S3_PRINCIPAL_ARN": arn,
        "S3_REGION": settings.s3_region,
        "S3_BUCKET": settings.s3_bucket,
        "S3_ACCESS_KEY": key.id,
        "S3_SECRET_KEY": key.secret.get_secret_value(),
    }


def env_lines(settings: Mapping[str, str]) -> str:
    """Write settings as lines of .env; none of these values needs quotes."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def json_lines(value: object) -> str:
    """Write a document as :func:`print_json` would."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


# --- on standard error -----------------------------------------------------------------------


def tell_off(statements: "Iterable[OptionalStatement]") -> None:
    """Tell which optional statements are off, and what that means."""
    for each in statements:
        progress(f"Off: {each.name}. For: {each.purpose} Without {each.name}: {each.without}")


def tell_plan(title: str, planned: "Creation", policy: str, difference: list[str]) -> None:
    """Tell what will be done to a user."""
    progress(f"{title}:")
    if planned.creates:
        progress("  + user")
    if planned.changes_policy:
        progress(f"  {'+' if planned.creates else '~'} inline policy {policy}")
        for line in difference:
            progress(f"      {line}")
    if planned.makes_key:
        progress("  + access key")
    if planned.is_empty:
        progress("  is as desired")


def tell_keys(keys: "Iterable[Key]") -> None:
    """Tell a user's keys as a table; it is no result, so standard output stays free for one."""
    out = Console(stderr=True, highlight=False, emoji=False, markup=False)
    table = Table(show_edge=False, pad_edge=False, box=None, header_style="bold")
    for name in ("access key", "status", "created", "last used"):
        table.add_column(name, no_wrap=True)
    for key in keys:
        used = f"{_time(key.last_used)} ({key.service})" if key.last_used else "never"
        status = "active" if key.active else "inactive"
        table.add_row(key.id, status, _time(key.created), used)
    # A pipe has no width, and nobody can search for an ID that is cut short.
    out.print(table, width=None if out.is_terminal else 120)


def _time(at: Any) -> str:
    return str(at.astimezone().strftime("%Y-%m-%d %H:%M"))


def tell_where_it_belongs(outcome: Outcome) -> None:
    """Tell what to do with a new key."""
    if outcome.file:
        progress(
            f"The new key {outcome.key} stands in {outcome.file}, and nowhere else. Put it into "
            "the secret store of the platform that runs the service, never into the repository, "
            "and delete the file."
        )
    else:
        progress(
            f"The secret of {outcome.key} is shown this once. Put it into the secret store of the "
            "platform that runs the service, never into the repository."
        )
    progress("A new key takes some seconds until AWS knows it everywhere.")


def tell_taken(outcome: Outcome) -> None:
    """Tell that a user has a key already, and how to come by another."""
    tell_keys(outcome.keys)
    progress(
        f"{outcome.user} has a key already, so nothing was done. For a new one: "
        f"`gridboss-assets iam rotate {outcome.user}`"
    )


def tell_differs(name: str) -> None:
    """Tell that a user's policy is not as desired, and what to do about it."""
    progress(
        f"The policy of {name} is not as desired. To see the difference and put it in step: "
        f"`gridboss-assets iam create-user {name} --no-key`"
    )


def tell_settings(settings: "Settings", arn: str, chosen: Sequence[str]) -> None:
    """Tell which settings the other commands need to agree with what was done."""
    if settings.s3_principal_arn != arn:
        progress(
            f"Next: set S3_PRINCIPAL_ARN={arn} and run `gridboss-assets bucket apply`, so that the "
            "bucket's policy admits this user."
        )
    if set(chosen) != set(settings.s3_iam_statements):
        progress(f"Set S3_IAM_STATEMENTS={','.join(chosen)} too, or later commands will differ.")
