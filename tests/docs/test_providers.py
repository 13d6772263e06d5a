"""The table of providers says what the rows of data say."""

import pytest
from tests.docs.documents import ROOT

from gridboss_assets.storage.providers import PROVIDERS, Provider

LINES = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8").splitlines()
TABLE = [[cell.strip() for cell in line.split("|")[1:-1]] for line in LINES if line[:1] == "|"]
WORDS = {True: ("yes", "enforced"), False: ("no", "**no**"), None: ("not known",)}


def cell(words: str, provider: Provider) -> str:
    """Return what the table says of a provider in the line that begins so."""
    (row,) = [row for row in TABLE if row[0].startswith(words)]
    return row[TABLE[0].index(provider.name)]


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.id)
def test_the_table_says_what_the_data_says(provider: Provider) -> None:
    assert cell("POST policy", provider).startswith(WORDS[provider.form_uploads])
    assert cell("PUT with `If-None-Match", provider).startswith(WORDS[provider.conditional_writes])
    assert cell("refuses unsigned", provider).startswith(WORDS[provider.refuses_unsigned_headers])
    assert cell("method that `auto`", provider) == ("POST" if provider.form_uploads else "PUT")
    at_the_end = cell("the same at the end of a multipart", provider)
    assert (at_the_end == "yes") == provider.conditional_completion
