"""What the tests of inspection share."""

import pytest

from gridboss_assets.inspection.documents import pdf as pdf_module


@pytest.fixture
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Parse PDFs of up to this many objects at once; search larger ones first."""
    monkeypatch.setattr(pdf_module, "_PARSED_AT_ONCE", request.param)
    return int(request.param)
