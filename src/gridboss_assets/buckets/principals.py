"""Who may reach the bucket: the application, its operators, and the account's root user."""

from dataclasses import dataclass

from gridboss_assets.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Principals:
    """The ARNs that the bucket policy admits; sessions of a role count as the role.

    ``application`` and ``operators`` are ARNs of IAM users and roles with their paths, as
    ``aws:PrincipalArn`` has them (IAM User Guide, "AWS global condition context keys"): for a
    role's session that is the role's own ARN, not the session's.
    """

    application: str
    operators: tuple[str, ...]
    account: str
    """The twelve digits of the bucket's account."""

    @property
    def partition(self) -> str:
        """``aws``, ``aws-cn`` or ``aws-us-gov``."""
        return self.application.split(":")[1]

    @property
    def root(self) -> str:
        """The account's root user, who can always mend a bucket's policy."""
        return f"arn:{self.partition}:iam::{self.account}:root"

    @property
    def admitted(self) -> list[str]:
        """Everybody the policy admits, each once."""
        return list(dict.fromkeys([self.application, self.root, *self.operators]))


def principals(application: str, operators: tuple[str, ...], account: str) -> Principals:
    """Put them together; raises ConfigurationError where one account's user is another's."""
    theirs = application.split(":")[4]
    if theirs != account:
        raise ConfigurationError(
            f"S3_PRINCIPAL_ARN is of account {theirs}, but these credentials belong to account "
            f"{account}, which would own the bucket. Use a profile of account {theirs} "
            "(--profile), or set S3_PRINCIPAL_ARN to the application's user or role here."
        )
    return Principals(application, operators, account)


def account_of(arn: str) -> str:
    """Return the account of an IAM ARN."""
    return arn.split(":")[4]


def name_of(arn: str) -> tuple[str, str]:
    """Return ``("user" | "role", NAME)`` of an IAM ARN, without the path."""
    kind, _, path = arn.split(":", 5)[5].partition("/")
    return kind, path.rpartition("/")[2]
