"""What observations amount to: how grave each is, and which settings follow."""

from typing import Any

import pytest

from gridboss_assets.doctor.capabilities import Capability, Method, advise, contradictions, weigh
from gridboss_assets.doctor.probes import SUBJECTS, Need, Observation, Probe, Result
from gridboss_assets.findings import Status
from gridboss_assets.storage.providers import (
    AWS,
    CLOUDFLARE_R2,
    GENERIC,
    MINIO,
    SEAWEEDFS,
    Provider,
)
from gridboss_config import Settings

PROBES = {
    probe.name: (subject.title, probe)
    for subject in SUBJECTS
    for probe in (subject.baseline, *subject.probes)
}


def probe(need: Need) -> Probe:
    return next(each for _, each in PROBES.values() if each.need is need)


def weighed(
    need: Need, result: Result, method: Method = "POST", *, promised: bool = True
) -> Status:
    return weigh(probe(need), Observation(result, ""), method=method, promised=promised)


def rows(**results: Result) -> list[Capability]:
    """Make the rows of an endpoint where all is well but for ``results``; None leaves one out."""
    changed = {name.replace("_", "-"): result for name, result in results.items()}
    assert changed.keys() <= PROBES.keys()
    made = []
    for name, (subject, each) in PROBES.items():
        seen = Observation(changed.get(name, Result.ENFORCED), "")
        status = weigh(each, seen, method="POST", promised=True)
        made.append(Capability(subject, each, seen, status))
    return made


def advised(
    seen: list[Capability], provider: Provider = GENERIC, server: str = "", **settings: Any
) -> dict[str, str | None]:
    config = Settings(_env_file=None, **settings)
    advice = advise(seen, provider=provider, signs={"server": server}, settings=config)
    assert all(each.why for each in advice)
    return {each.setting: each.value for each in advice}


def test_no_two_probes_have_one_name() -> None:
    count = sum(1 + len(subject.probes) for subject in SUBJECTS)
    assert len(PROBES) == count > 30


@pytest.mark.parametrize("name", PROBES)
def test_every_probe_says_what_it_means_to_lack_it(name: str) -> None:
    each = PROBES[name][1]
    assert each.lacking.endswith(".")
    assert not each.asks.endswith(".")


@pytest.mark.parametrize("need", Need)
@pytest.mark.parametrize("result", [Result.WORKS, Result.ENFORCED])
def test_what_is_there_passes(need: Need, result: Result) -> None:
    assert weighed(need, result) is Status.PASS


@pytest.mark.parametrize(
    ("need", "method", "status"),
    [
        (Need.FORM, "POST", Status.FAIL),
        (Need.FORM, "PUT", Status.WARN),
        (Need.PUT, "PUT", Status.FAIL),
        (Need.PUT, "POST", Status.WARN),
        (Need.PRIVACY, "POST", Status.FAIL),
        (Need.WRITES, "POST", Status.FAIL),
        (Need.FALLBACK, "POST", Status.WARN),
    ],
)
def test_what_is_not_enforced_fails_where_it_matters(
    need: Need, method: Method, status: Status
) -> None:
    assert weighed(need, Result.NOT_ENFORCED, method) is status


@pytest.mark.parametrize(
    ("need", "method", "status"),
    [
        (Need.FORM, "POST", Status.FAIL),
        (Need.FORM, "PUT", Status.UNAVAILABLE),
        (Need.PUT, "PUT", Status.FAIL),
        (Need.PUT, "POST", Status.UNAVAILABLE),
        (Need.PRIVACY, "PUT", Status.FAIL),
        (Need.WRITES, "POST", Status.UNAVAILABLE),
        (Need.WRITES, "PUT", Status.FAIL),
        (Need.FALLBACK, "PUT", Status.UNAVAILABLE),
    ],
)
def test_what_is_not_offered_fails_where_nothing_stands_in_for_it(
    need: Need, method: Method, status: Status
) -> None:
    assert weighed(need, Result.NOT_OFFERED, method) is status


def test_a_condition_that_nobody_counts_on_does_not_fail() -> None:
    assert weighed(Need.WRITES, Result.NOT_ENFORCED, promised=False) is Status.WARN
    assert weighed(Need.WRITES, Result.NOT_OFFERED, "PUT", promised=False) is Status.UNAVAILABLE


def test_what_could_not_be_told_is_unknown_unless_it_does_not_matter() -> None:
    assert weighed(Need.FORM, Result.UNKNOWN, "POST") is Status.UNKNOWN
    assert weighed(Need.PUT, Result.UNKNOWN, "POST") is Status.WARN
    assert weighed(Need.PRIVACY, Result.UNKNOWN) is Status.UNKNOWN


def test_a_header_without_effect_is_worth_a_warning() -> None:
    assert weighed(Need.PUT, Result.IGNORED, "PUT") is Status.WARN


def test_what_is_harmless_here_is_worth_a_warning() -> None:
    seen = Observation(Result.NOT_ENFORCED, "", harmless=True)
    assert weigh(probe(Need.PRIVACY), seen, method="POST", promised=True) is Status.WARN


def test_a_full_server_gets_forms_and_checksums() -> None:
    assert advised(rows()) == {"S3_UPLOAD_METHOD": "post", "S3_CHECKSUMS": "when_supported"}


@pytest.mark.parametrize(
    "result", [Result.NOT_OFFERED, Result.NOT_ENFORCED], ids=["absent", "not enforced"]
)
def test_without_safe_forms_uploads_go_by_put(result: Result) -> None:
    assert advised(rows(form=result))["S3_UPLOAD_METHOD"] == "put"
    assert advised(rows(form_key=result))["S3_UPLOAD_METHOD"] == "put"


def test_unsigned_headers_on_a_put_leave_forms_alone() -> None:
    seen = rows(put_unsigned_copy_source=Result.NOT_ENFORCED)
    assert advised(seen)["S3_UPLOAD_METHOD"] == "post"


@pytest.mark.parametrize(
    "name",
    ["put_unsigned_copy_source", "put_unsigned_metadata", "put_unsigned_tagging", "put_longer"],
)
def test_where_neither_method_is_safe_none_is_named(name: str) -> None:
    config = Settings(_env_file=None)
    seen = rows(form=Result.NOT_OFFERED, **{name: Result.NOT_ENFORCED})
    method, _ = advise(seen, provider=GENERIC, signs={}, settings=config)
    assert method.value is None
    assert "trust" in method.why


def test_a_header_without_effect_leaves_puts_safe() -> None:
    seen = rows(form=Result.NOT_OFFERED, put_unsigned_metadata=Result.IGNORED)
    assert advised(seen)["S3_UPLOAD_METHOD"] == "put"


def test_what_could_not_be_told_names_no_method() -> None:
    assert advised(rows(form_expired=Result.UNKNOWN))["S3_UPLOAD_METHOD"] is None
    seen = rows(form=Result.NOT_OFFERED, put_expired=Result.UNKNOWN)
    assert advised(seen)["S3_UPLOAD_METHOD"] is None


def test_one_hole_outweighs_what_could_not_be_told() -> None:
    seen = rows(form_expired=Result.UNKNOWN, form_key=Result.NOT_ENFORCED)
    assert advised(seen)["S3_UPLOAD_METHOD"] == "put"


def test_a_run_that_was_cut_short_names_no_method() -> None:
    assert advised(rows()[:0])["S3_UPLOAD_METHOD"] is None


@pytest.mark.parametrize("name", ["checksum", "checksum_wrong", "checksum_sdk"])
@pytest.mark.parametrize("result", [Result.NOT_OFFERED, Result.NOT_ENFORCED, Result.UNKNOWN])
def test_checksums_are_sent_only_where_they_are_taken_and_compared(
    name: str, result: Result
) -> None:
    assert advised(rows(**{name: result}))["S3_CHECKSUMS"] == "when_required"


def test_a_provider_is_recognised_by_its_server_header() -> None:
    assert advised(rows(), server="SeaweedFS 8000GB 4.48")["S3_PROVIDER"] == "seaweedfs"
    assert "S3_PROVIDER" not in advised(rows(), server="nginx")


def test_a_provider_that_is_known_already_is_not_advised() -> None:
    assert "S3_PROVIDER" not in advised(rows(), SEAWEEDFS, "SeaweedFS")
    assert "S3_PROVIDER" not in advised(rows(), server="SeaweedFS", S3_PROVIDER="minio")


def test_a_header_of_a_proxy_in_front_is_not_believed() -> None:
    assert "S3_PROVIDER" not in advised(rows(), server="cloudflare")
    seen = rows(form=Result.NOT_OFFERED)
    assert advised(seen, server="cloudflare")["S3_PROVIDER"] == "r2"


def test_what_a_row_claims_and_was_seen_otherwise_is_noted() -> None:
    assert contradictions(rows(), SEAWEEDFS) == []
    (note,) = contradictions(rows(form=Result.NOT_OFFERED), MINIO)
    assert note == "MinIO is said to have POST forms; here it was otherwise."
    (note,) = contradictions(rows(), CLOUDFLARE_R2)
    assert "Cloudflare R2 is said to lack POST forms" in note
    (note,) = contradictions(rows(if_none_match=Result.NOT_OFFERED), AWS)
    assert "If-None-Match" in note
    assert contradictions(rows(form=Result.UNKNOWN, if_none_match=Result.UNKNOWN), AWS) == []


@pytest.mark.parametrize("header", ["metadata", "copy_source", "tagging", "acl"])
def test_an_unsigned_header_that_is_taken_where_a_row_says_otherwise_is_noted(header: str) -> None:
    seen = rows(**{f"put_unsigned_{header}": Result.NOT_ENFORCED})
    (note,) = contradictions(seen, SEAWEEDFS)
    assert "refuse x-amz-* headers that a PUT did not sign" in note
    assert contradictions(seen, MINIO) == []


def test_a_server_that_refuses_more_than_its_row_says_is_in_order() -> None:
    assert contradictions(rows(), MINIO) == []


def test_the_setting_as_it_is_now_says_what_auto_takes() -> None:
    config = Settings(_env_file=None)
    now = [each.current for each in advise(rows(), provider=AWS, signs={}, settings=config)]
    assert now == ["auto (post)", "auto (when_supported)"]
