"""The antivirus hook against a real clamd with a signature of our own."""

from io import BytesIO

import pytest
from tests.support.clamd import MALWARE, SIGNATURE, STREAM_LIMIT

from gridboss_assets import ClamAV, InProcess, MemoryStorage, Uploads
from gridboss_assets.errors import MalwareFound, Misconfigured, ScannerUnavailable

CSV = b"driver,points\n7,25\n"


def uploaded(storage: MemoryStorage, uploads: Uploads, data: bytes) -> str:
    signed = uploads.sign("export", filename="a.csv", content_type="text/csv")
    storage.receive(signed, data)
    return signed.object_key


def test_a_clean_file_passes(clamd: str) -> None:
    ClamAV(clamd).scan(BytesIO(CSV))


def test_malware_is_found_and_named_for_the_log_alone(clamd: str) -> None:
    with pytest.raises(MalwareFound) as found:
        ClamAV(clamd).scan(BytesIO(CSV + MALWARE))
    assert SIGNATURE in str(found.value.detail)
    assert SIGNATURE not in str(found.value)


def test_a_file_over_clamds_limit_has_no_verdict(clamd: str) -> None:
    with pytest.raises(ScannerUnavailable) as fault:
        ClamAV(clamd).scan(BytesIO(bytes(STREAM_LIMIT * 4)))
    assert "size limit" in str(fault.value.detail)


def test_an_upload_with_malware_is_rejected_and_gone(clamd: str) -> None:
    storage = MemoryStorage()
    uploads = Uploads(storage, inspection=InProcess(), scanner=ClamAV(clamd))
    key = uploaded(storage, uploads, CSV + MALWARE)
    with pytest.raises(MalwareFound):
        uploads.complete(key)
    assert storage.list_keys("") == []


def test_an_upload_without_malware_is_sealed(clamd: str) -> None:
    storage = MemoryStorage()
    uploads = Uploads(storage, inspection=InProcess(), scanner=ClamAV(clamd))
    assert storage.fetch(uploads.complete(uploaded(storage, uploads, CSV)).url) == CSV


@pytest.mark.parametrize("address", ["unix:///nowhere/clamd.sock", "tcp://127.0.0.1:1"])
def test_without_clamd_nothing_is_sealed_and_nothing_lost(address: str) -> None:
    storage = MemoryStorage()
    uploads = Uploads(storage, inspection=InProcess(), scanner=ClamAV(address, timeout=2))
    key = uploaded(storage, uploads, CSV)
    with pytest.raises(ScannerUnavailable):
        uploads.complete(key)
    assert storage.list_keys("") == [f"pending/{key}"]


@pytest.mark.parametrize("address", ["", "/run/clamd.sock", "unix:", "tcp://", "http://x:1"])
def test_an_unusable_address_is_refused_with_the_fix(address: str) -> None:
    with pytest.raises(Misconfigured) as fault:
        ClamAV(address)
    assert "unix:///" in str(fault.value.detail)
