"""CloudFront in memory, behind a real boto3 client.

botocore checks each request and each answer here against the service's own model, as its Stubber
does. On top of that come the rules of CloudFront's that a plan can break: versions, unique names,
references that lead somewhere, counts, functions that were published. moto, which knows some of
these calls, forgets functions and origin access controls of a distribution.
"""

# ruff: noqa: N802, N803 - operations and their parameters have CloudFront's own names

import copy
import io
import itertools
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.response import StreamingBody
from botocore.validate import validate_parameters
from tests.support.cloudfront_rules import Refused, check_distribution, counted, filled

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient

Json = dict[str, Any]
NOW = "2026-01-01T00:00:00Z"
ACCOUNT = "123456789012"

# Operation, as CloudFront names it, without its verb → what it answers with, and its errors.
NAMED = {
    "OriginAccessControl": ("NoSuchOriginAccessControl", "OriginAccessControlAlreadyExists"),
    "CachePolicy": ("NoSuchCachePolicy", "CachePolicyAlreadyExists"),
    "ResponseHeadersPolicy": ("NoSuchResponseHeadersPolicy", "ResponseHeadersPolicyAlreadyExists"),
    "KeyGroup": ("NoSuchResource", "KeyGroupAlreadyExists"),
    "PublicKey": ("NoSuchPublicKey", "PublicKeyAlreadyExists"),
}
LISTS = {
    "OriginAccessControls": "OriginAccessControl",
    "CachePolicies": "CachePolicy",
    "ResponseHeadersPolicies": "ResponseHeadersPolicy",
    "KeyGroups": "KeyGroup",
    "PublicKeys": "PublicKey",
    "Distributions": "Distribution",
}
MAX_KEYS_IN_GROUP = 5


@cache
def _session() -> boto3.Session:
    # It keeps the model of the service, which takes long to read.
    return boto3.Session("k", "s", region_name="us-east-1")


class CloudFront:
    """One account. ``fail`` maps operations to the error that each answers from now on."""

    def __init__(self, *, page: int = 2) -> None:
        self.stored: dict[str, dict[str, Json]] = {name: {} for name in (*NAMED, "Distribution")}
        self.functions: dict[str, dict[str, Json]] = {}
        self.calls: list[str] = []
        self.fail: dict[str, Refused] = {}
        self.page = page
        self._numbers = itertools.count(10_000_000)
        self._client: CloudFrontClient | None = None

    def client(self) -> "CloudFrontClient":
        """Return a client whose requests end here."""
        if self._client is None:
            self._client = self.intercepted(_session().client("cloudfront"))
        return self._client

    def intercepted(self, made: "CloudFrontClient") -> "CloudFrontClient":
        """Have the requests of a client end here."""
        events = made.meta.events
        events.register("before-parameter-build.cloudfront", self._keep)
        answer: Any = self._answer
        events.register("before-call.cloudfront", answer)
        return made

    def _keep(self, params: Json, context: Json, **_: Any) -> None:
        context["asked"] = copy.deepcopy(params)

    def _answer(self, model: Any, context: Json, **_: Any) -> tuple[AWSResponse, Json]:
        name = model.name
        self.calls.append(name)
        try:
            if name in self.fail:
                raise self.fail[name]
            counted(context["asked"])
            answer = copy.deepcopy(self._operation(name)(**context["asked"]))
        except Refused as error:
            parsed = {
                "Error": {"Code": error.code, "Message": "The request is refused."},
                "ResponseMetadata": {"HTTPStatusCode": error.status},
            }
            return AWSResponse("", error.status, HTTPHeaders(), None), parsed
        if model.output_shape is not None:
            validate_parameters(answer, model.output_shape)
        return AWSResponse("", 200, HTTPHeaders(), None), answer | {"ResponseMetadata": {}}

    def _operation(self, name: str) -> Callable[..., Json]:
        own: Callable[..., Json] | None = getattr(self, name, None)
        if own:
            return own
        for verb in ("Create", "Update", "Get", "Delete"):
            kind = name.removeprefix(verb)
            if kind != name and kind in self.stored:
                method: Callable[..., Json] = getattr(self, f"_{verb.lower()}")
                return lambda **asked: method(kind, **asked)
        listed = LISTS[name.removeprefix("List")]
        return lambda **asked: self._list(listed, **asked)

    # --- what has a name, an ID and a version ---------------------------------------------

    def _create(self, kind: str, **asked: Any) -> Json:
        config = asked[f"{kind}Config"]
        self._check(kind, config, None)
        id_ = f"{kind[0]}{next(self._numbers)}"
        self.stored[kind][id_] = {"config": config, "etag": self._etag()}
        return self._get(kind, id_) | {"Location": f"https://cloudfront.amazonaws.com/{id_}"}

    def _update(self, kind: str, *, Id: str, IfMatch: str | None = None, **asked: Any) -> Json:
        config = asked[f"{kind}Config"]
        self._version(self._stored(kind, Id)["etag"], IfMatch)
        self._check(kind, config, Id)
        self.stored[kind][Id] = {"config": config, "etag": self._etag()}
        return self._get(kind, Id)

    def _get(self, kind: str, Id: str) -> Json:
        return {kind: self._body(kind, Id), "ETag": self._stored(kind, Id)["etag"]}

    def _delete(self, kind: str, *, Id: str, IfMatch: str | None = None) -> Json:
        self._version(self._stored(kind, Id)["etag"], IfMatch)
        groups = self.stored["KeyGroup"].values()
        if kind == "PublicKey" and any(Id in each["config"]["Items"] for each in groups):
            raise Refused("PublicKeyInUse", 409)
        del self.stored[kind][Id]
        return {}

    def _list(self, kind: str, *, Marker: str = "0", Type: str = "") -> Json:
        start = int(Marker)
        ids = list(self.stored[kind])[start : start + self.page]
        items = [self._summary(kind, id_) for id_ in ids]
        if kind in {"CachePolicy", "ResponseHeadersPolicy"}:
            assert Type == "custom"
        more = {"NextMarker": str(start + self.page)} if ids[self.page - 1 :] else {}
        beside = (
            {"Marker": Marker, "IsTruncated": bool(more)}
            if kind in {"Distribution", "OriginAccessControl"}
            else {}
        )
        listed = {"Quantity": len(items), "MaxItems": self.page, "Items": items}
        return {f"{kind}List": listed | more | beside}

    def _stored(self, kind: str, id_: str) -> Json:
        if id_ not in self.stored[kind]:
            raise Refused(NAMED.get(kind, ("NoSuchDistribution",))[0], 404)
        return self.stored[kind][id_]

    def _body(self, kind: str, id_: str) -> Json:
        config = self._stored(kind, id_)["config"]
        if kind == "Distribution":
            return {
                "Id": id_,
                "ARN": f"arn:aws:cloudfront::{ACCOUNT}:distribution/{id_}",
                "Status": "InProgress",
                "LastModifiedTime": NOW,
                "InProgressInvalidationBatches": 0,
                "DomainName": f"{id_.lower()}.cloudfront.net",
                "DistributionConfig": filled(config),
            }
        if kind == "PublicKey":
            return {"Id": id_, "CreatedTime": NOW, "PublicKeyConfig": config}
        changed = {} if kind == "OriginAccessControl" else {"LastModifiedTime": NOW}
        return {"Id": id_, f"{kind}Config": config, **changed}

    def _summary(self, kind: str, id_: str) -> Json:
        config = self.stored[kind][id_]["config"]
        body = self._body(kind, id_)
        if kind == "OriginAccessControl":
            return {"Id": id_, "Description": "", **config}
        if kind == "PublicKey":
            beside = {name: config[name] for name in ("Name", "EncodedKey")}
            return {"Id": id_, "CreatedTime": NOW, **beside}
        if kind == "KeyGroup":
            return {kind: body}
        if kind in NAMED:
            return {kind: body, "Type": "custom"}
        dropped = {"CallerReference", "DefaultRootObject", "Logging"}
        full = {name: value for name, value in filled(config).items() if name not in dropped}
        kept = {name: body[name] for name in ("Id", "ARN", "Status", "DomainName")}
        return kept | full | {"LastModifiedTime": NOW, "Staging": False}

    def _etag(self) -> str:
        return f"ETAG{next(self._numbers)}"

    def _version(self, etag: str, asked: str | None) -> None:
        if asked is None:
            raise Refused("InvalidIfMatchVersion")
        if asked != etag:
            raise Refused("PreconditionFailed", 412)

    def _check(self, kind: str, config: Json, id_: str | None) -> None:
        if kind == "Distribution":
            check_distribution(config, id_, self.stored, self.functions)
            return
        names = {i: each["config"]["Name"] for i, each in self.stored[kind].items() if i != id_}
        if config["Name"] in names.values():
            raise Refused(NAMED[kind][1], 409)
        if kind == "KeyGroup":
            if not config["Items"] or any(
                i not in self.stored["PublicKey"] for i in config["Items"]
            ):
                raise Refused("InvalidArgument")
            if len(config["Items"]) > MAX_KEYS_IN_GROUP:
                raise Refused("TooManyPublicKeysInKeyGroup")
        if kind == "PublicKey" and not config["EncodedKey"].endswith("-----\n"):
            raise Refused("InvalidArgument")

    # --- functions ------------------------------------------------------------------------

    def CreateFunction(self, Name: str, FunctionConfig: Json, FunctionCode: bytes) -> Json:
        """Make a draft."""
        if Name in self.functions:
            raise Refused("FunctionAlreadyExists", 409)
        self.functions[Name] = {}
        return self._draft(Name, FunctionConfig, FunctionCode) | {"Location": "https://aws"}

    def UpdateFunction(
        self,
        Name: str,
        IfMatch: str,
        FunctionConfig: Json,
        FunctionCode: bytes,
    ) -> Json:
        """Change the draft."""
        self._version(self._stage(Name, "DEVELOPMENT")["etag"], IfMatch)
        return self._draft(Name, FunctionConfig, FunctionCode)

    def PublishFunction(self, Name: str, IfMatch: str) -> Json:
        """Make the draft live."""
        self._version(self._stage(Name, "DEVELOPMENT")["etag"], IfMatch)
        self.functions[Name]["LIVE"] = self.functions[Name]["DEVELOPMENT"]
        return {"FunctionSummary": self.DescribeFunction(Name, "LIVE")["FunctionSummary"]}

    def DescribeFunction(self, Name: str, Stage: str) -> Json:
        """Say what a stage is."""
        stage = self._stage(Name, Stage)
        summary = {
            "Name": Name,
            "FunctionConfig": stage["config"],
            "FunctionMetadata": {
                "FunctionARN": f"arn:aws:cloudfront::{ACCOUNT}:function/{Name}",
                "LastModifiedTime": NOW,
                "Stage": Stage,
            },
        }
        return {"FunctionSummary": summary, "ETag": stage["etag"]}

    def GetFunction(self, Name: str, Stage: str) -> Json:
        """Give the code of a stage."""
        code = self._stage(Name, Stage)["code"]
        return {"FunctionCode": StreamingBody(io.BytesIO(code), len(code)), "ETag": "x"}

    def _draft(self, name: str, config: Json, code: bytes) -> Json:
        stage = {"config": config, "code": code, "etag": self._etag()}
        self.functions[name]["DEVELOPMENT"] = stage
        return self.DescribeFunction(name, "DEVELOPMENT")

    def _stage(self, name: str, stage: str) -> Json:
        if stage not in self.functions.get(name, {}):
            raise Refused("NoSuchFunctionExists", 404)
        return self.functions[name][stage]
