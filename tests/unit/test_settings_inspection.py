"""The settings of inspection, and what is made of them."""

import pytest
from pydantic import ValidationError

from gridboss_assets import ClamAV, InProcess, Sandbox
from gridboss_assets.errors import Misconfigured
from gridboss_assets.inspection.configured import inspection_of, scanner_of
from gridboss_config import Settings


def settings(**values: str) -> Settings:
    return Settings(_env_file=None, **values)


def test_files_are_inspected_in_the_sandbox_unless_something_else_is_said() -> None:
    assert isinstance(inspection_of(settings()), Sandbox)
    assert isinstance(inspection_of(settings(INSPECTION="in_process")), InProcess)


def test_a_process_has_one_sandbox_for_the_same_settings() -> None:
    assert inspection_of(settings()) is inspection_of(settings())
    strict = inspection_of(settings(INSPECTION_POLICY="csv_formulas=refuse"))
    assert strict is not inspection_of(settings())


def test_the_number_of_workers_can_be_set() -> None:
    made = inspection_of(settings(INSPECTION_WORKERS="7"))
    assert isinstance(made, Sandbox)
    assert made.limits.workers == 7


def test_the_policy_differs_where_it_is_said() -> None:
    policy = inspection_of(
        settings(INSPECTION_POLICY=" CSV_formulas = Refuse , json_depth=9")
    ).policy
    assert (policy.csv_formulas, policy.json_depth) == ("refuse", 9)
    assert policy.pdf_attachments == "warn"


def test_there_is_an_antivirus_where_one_is_named() -> None:
    assert scanner_of(settings()) is None
    assert isinstance(scanner_of(settings(CLAMD_ADDRESS="tcp://clamd:3310")), ClamAV)


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("INSPECTION", "elsewhere", "sandbox"),
        ("INSPECTION_WORKERS", "0", "greater than or equal to 1"),
        ("INSPECTION_POLICY", "csv_formulas", "name=value"),
        ("INSPECTION_POLICY", "=refuse", "name=value"),
        ("CLAMD_ADDRESS", "clamd:3310", "unix:///run"),
    ],
)
def test_an_unusable_setting_is_refused_with_the_fix(name: str, value: str, advice: str) -> None:
    with pytest.raises(ValidationError, match=advice):
        settings(**{name: value})


@pytest.mark.parametrize("policy", ["no_such=refuse", "csv_formulas=forbid", "json_depth=deep"])
def test_a_policy_that_there_is_not_is_refused(policy: str) -> None:
    with pytest.raises(Misconfigured) as fault:
        inspection_of(settings(INSPECTION_POLICY=policy))
    assert str(fault.value.detail).startswith("INSPECTION_POLICY: ")
