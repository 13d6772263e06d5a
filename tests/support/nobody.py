"""A client without credentials, where the server that stands in tells nobody apart."""

from typing import Any

from botocore.exceptions import ClientError


class Nobody:
    """Whoever signs nothing, and is refused; moto refuses nobody a listing."""

    def refuse(self, **_: Any) -> None:
        """Answer as S3 does to a request without a signature."""
        answer: Any = {
            "Error": {"Code": "AccessDenied"},
            "ResponseMetadata": {"HTTPStatusCode": 403},
        }
        raise ClientError(answer, "ListObjectsV2")

    list_objects_v2 = head_object = refuse
