"""Reads what stands in CloudFront and writes what the plan says: calls, and no decision."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gridboss_assets.calls import code_of, explained
from gridboss_assets.cdn.desired import DesiredDistribution
from gridboss_assets.cdn.parts import Part, Ref, Resource, resolved
from gridboss_assets.cdn.plan import CdnPlan, Step, known_ids
from gridboss_assets.cdn.resources import resources
from gridboss_assets.cdn.shapes import from_api, to_api
from gridboss_assets.cdn.state import CdnState, Standing, StandingDistribution, StandingKey
from gridboss_assets.errors import ConfigurationError

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient

_Json = Any

_NO_FUNCTION = "NoSuchFunctionExists"
_UNREACHABLE = "CloudFront's API is at cloudfront.amazonaws.com: see that this machine reaches it."


@dataclass(frozen=True, slots=True)
class _Calls:
    """The calls for one kind of resource: ``get_…``, ``create_…``, ``update_…`` and a list."""

    noun: str
    listing: str
    listed: str
    """The list's name in the answer."""
    config: str
    """The configuration's name in requests and answers."""
    wrapped: bool = True
    """Whether lists have a ``Quantity``."""

    @property
    def body(self) -> str:
        """The resource's own name in answers, such as ``CachePolicy``."""
        return self.config.removesuffix("Config")


_CALLS: Mapping[Part, _Calls] = {
    Part.ORIGIN_ACCESS: _Calls(
        "origin_access_control",
        "list_origin_access_controls",
        "OriginAccessControlList",
        "OriginAccessControlConfig",
    ),
    Part.CACHE_POLICY: _Calls(
        "cache_policy", "list_cache_policies", "CachePolicyList", "CachePolicyConfig"
    ),
    Part.HEADERS_POLICY: _Calls(
        "response_headers_policy",
        "list_response_headers_policies",
        "ResponseHeadersPolicyList",
        "ResponseHeadersPolicyConfig",
    ),
    Part.KEY_GROUP: _Calls(
        "key_group", "list_key_groups", "KeyGroupList", "KeyGroupConfig", wrapped=False
    ),
}
# Else CloudFront lists its own policies too.
_ONLY_CUSTOM = {"list_cache_policies", "list_response_headers_policies"}


class Distribution:
    """A bucket's distribution and what belongs to it, with the client of an operator.

    Raises OperationFailed for what CloudFront refuses and ConfigurationError where the settings
    don't fit what is there.
    """

    def __init__(
        self,
        client: "CloudFrontClient",
        wanted: DesiredDistribution,
        id: str | None = None,  # noqa: A002
    ) -> None:
        self.client: Any = client
        self.wanted = wanted
        self.id = id

    def read(self) -> CdnState:
        """Read everything that the desired state speaks of."""
        standing: dict[Ref, Standing] = {}
        wanted = [each for each in resources(self.wanted) if each.part is not Part.PUBLIC_KEY]
        for part in dict.fromkeys(each.part for each in wanted):
            of_part = [each for each in wanted if each.part is part]
            standing |= self._functions(of_part) if part is Part.FUNCTION else self._named(of_part)
        keys = [
            StandingKey(key["Id"], key["Name"], key["EncodedKey"])
            for key in self._listed("list_public_keys", "PublicKeyList")
        ]
        found, others = self._found()
        return CdnState(
            resources=standing,
            keys=tuple(keys),
            distribution=self._distribution(found) if found else None,
            others=tuple(others),
        )

    def apply(self, planned: CdnPlan, state: CdnState) -> Iterator[str]:
        """Execute a plan step by step; yields the title of each step once it is done.

        ``state`` is what the plan was made from: whatever somebody changes in the meantime is
        refused by its ETag. Where a step fails nothing after it is tried, and what was done stays;
        the next plan holds only the rest.
        """
        ids = known_ids(self.wanted, state)
        for step in planned.steps:
            with _explained(f"writing the {step.title}"):
                made = self._write(step, ids)
            if step.part is not None:
                ids[Ref(step.part, step.label)] = made
            yield step.title

    # --- reading -------------------------------------------------------------------------

    def _named(self, wanted: list[Resource]) -> dict[Ref, Standing]:
        calls = _CALLS[wanted[0].part]
        names = {each.name: each.ref for each in wanted}
        found = {}
        for item in self._listed(calls.listing, calls.listed):
            # An item is the resource, or has it inside; the name stands in it or in its config.
            body = item.get(calls.body, item)
            name = body.get(calls.config, body)["Name"]
            if name in names:
                found[names[name]] = self._get(calls, body["Id"])
        return found

    def _get(self, calls: _Calls, id: str) -> Standing:  # noqa: A002 - as CloudFront has it
        with _explained(f"reading the {calls.noun.replace('_', ' ')} {id}"):
            answer = getattr(self.client, f"get_{calls.noun}")(Id=id)
        return Standing(id, from_api(answer[calls.body][calls.config]), answer["ETag"])

    def _functions(self, wanted: list[Resource]) -> dict[Ref, Standing]:
        found = {}
        for each in wanted:
            # What runs is the live stage, what an update has to name the version of is the other.
            draft = self._described(each.name, "DEVELOPMENT")
            if draft is None:
                continue
            live = self._described(each.name, "LIVE")
            value: dict[str, _Json] = {}
            if live is not None:
                with _explained(f"reading the function {each.name}"):
                    answer = self.client.get_function(Name=each.name, Stage="LIVE")
                    code = answer["FunctionCode"].read().decode()
                value = {**live["FunctionSummary"]["FunctionConfig"], "Code": code}
            arn = draft["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
            found[each.ref] = Standing(arn, value, draft["ETag"])
        return found

    def _described(self, name: str, stage: str) -> Any:
        with _explained(f"reading the function {name}"):
            try:
                return self.client.describe_function(Name=name, Stage=stage)
            except ClientError as error:
                if code_of(error) == _NO_FUNCTION:
                    return None
                raise

    def _found(self) -> tuple[str | None, list[str]]:
        """Find the distribution by ID, or by its comment; and name others of the bucket."""
        summaries = list(self._listed("list_distributions", "DistributionList"))
        of_bucket = [
            each
            for each in summaries
            if any(o["DomainName"] == self.wanted.origin for o in each["Origins"]["Items"])
        ]
        if self.id is not None:
            if self.id not in {each["Id"] for each in summaries}:
                raise ConfigurationError(
                    f"CDN_DISTRIBUTION_ID: this account has no distribution {self.id}. Use a "
                    "profile of the account that has it (--profile), or leave it empty, for a new "
                    "one."
                )
            found = [self.id]
        else:
            ours = [each for each in of_bucket if each["Comment"] == self.wanted.comment]
            found = [each["Id"] for each in ours]
        if len(found) > 1:
            raise ConfigurationError(
                f"There are several distributions of the bucket: {', '.join(found)}. Say which "
                "one this is about in CDN_DISTRIBUTION_ID."
            )
        return (found[0] if found else None), [
            each["Id"] for each in of_bucket if each["Id"] not in found
        ]

    def _distribution(self, id: str) -> StandingDistribution:  # noqa: A002 - as CloudFront has it
        with _explained(f"reading the distribution {id}"):
            answer = self.client.get_distribution(Id=id)
        found = answer["Distribution"]
        return StandingDistribution(
            id=id,
            domain=found["DomainName"],
            config=from_api(found["DistributionConfig"]),
            etag=answer["ETag"],
            deployed=found["Status"] == "Deployed",
        )

    def _listed(self, operation: str, name: str) -> Iterator[Any]:
        more: dict[str, Any] = {"Type": "custom"} if operation in _ONLY_CUSTOM else {}
        while True:
            with _explained(f"reading CloudFront ({operation})"):
                answer = getattr(self.client, operation)(**more)[name]
            yield from answer.get("Items", ())
            if not answer.get("NextMarker"):
                return
            more["Marker"] = answer["NextMarker"]

    # --- writing -------------------------------------------------------------------------

    def _write(self, step: Step, ids: Mapping[Ref, str]) -> str:
        target = resolved(step.target, ids)
        if step.part is None:
            return self._write_distribution(step, target)
        if step.part is Part.FUNCTION:
            return self._write_function(step, target)
        if step.part is Part.PUBLIC_KEY:
            return self._write_key(step, target)
        calls = _CALLS[step.part]
        arguments: dict[str, Any] = {calls.config: to_api(target) if calls.wrapped else target}
        if step.standing:
            self._call(f"update_{calls.noun}", step, arguments)
            return step.standing.id
        answer = self._call(f"create_{calls.noun}", step, arguments)
        return str(answer[calls.body]["Id"])

    def _write_distribution(self, step: Step, target: dict[str, _Json]) -> str:
        if step.standing:
            self._call("update_distribution", step, {"DistributionConfig": to_api(target)})
            return step.standing.id
        config = {"CallerReference": str(uuid.uuid4()), **to_api(target)}
        answer = self._call("create_distribution", step, {"DistributionConfig": config})
        return str(answer["Distribution"]["Id"])

    def _write_function(self, step: Step, target: dict[str, _Json]) -> str:
        code = target["Code"].encode()
        config = {name: value for name, value in target.items() if name != "Code"}
        operation = "update_function" if step.standing else "create_function"
        arguments = {"Name": step.name, "FunctionConfig": config, "FunctionCode": code}
        answer = self._call(operation, step, arguments, by_name=True)
        published = self.client.publish_function(Name=step.name, IfMatch=answer["ETag"])
        return str(published["FunctionSummary"]["FunctionMetadata"]["FunctionARN"])

    def _write_key(self, step: Step, target: dict[str, _Json] | None) -> str:
        if target is None:
            etag = self.client.get_public_key(Id=step.name)["ETag"]
            self.client.delete_public_key(Id=step.name, IfMatch=etag)
            return step.name
        config = {"CallerReference": str(uuid.uuid4()), **target}
        answer = self.client.create_public_key(PublicKeyConfig=config)
        return str(answer["PublicKey"]["Id"])

    def _call(
        self, operation: str, step: Step, arguments: dict[str, Any], *, by_name: bool = False
    ) -> Any:
        if step.standing:
            arguments["IfMatch"] = step.standing.etag
            if not by_name:
                arguments["Id"] = step.standing.id
        return getattr(self.client, operation)(**arguments)


def _explained(doing: str) -> AbstractContextManager[None]:
    return explained(doing, unreachable=_UNREACHABLE)
