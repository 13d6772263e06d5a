"""The policy: complete, described, and able to travel to another process."""

import json
import pickle
from dataclasses import asdict, fields

import pytest

from gridboss_assets.inspection.policy import DEFAULT_POLICY, InspectionPolicy


def test_every_field_has_a_default_and_a_description() -> None:
    for each in fields(InspectionPolicy):
        assert each.default in {"refuse", "warn", "accept"} or isinstance(each.default, int)
        assert each.metadata["description"].endswith(".")


def test_what_can_act_or_can_not_be_inspected_is_refused_by_default() -> None:
    refused = {name for name, value in asdict(DEFAULT_POLICY).items() if value == "refuse"}
    assert refused == {
        "csv_control_characters",
        "csv_utf16",
        "json_lines",
        "pdf_actions",
        "pdf_encrypted",
        "pdf_executables",
        "pdf_scripts",
        "zip_duplicate_names",
        "zip_encrypted",
        "zip_executables",
        "zip_methods",
    }


def test_a_policy_travels_by_pickle_and_by_json() -> None:
    policy = InspectionPolicy(csv_formulas="refuse", json_depth=64)
    assert pickle.loads(pickle.dumps(policy)) == policy  # noqa: S301
    assert InspectionPolicy(**json.loads(json.dumps(asdict(policy)))) == policy


@pytest.mark.parametrize(
    "wrong",
    [{"csv_formulas": "maybe"}, {"json_depth": 0}, {"json_depth": True}, {"pdf_scripts": 1}],
)
def test_a_value_that_no_field_takes_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        InspectionPolicy(**wrong)  # type: ignore[arg-type]
