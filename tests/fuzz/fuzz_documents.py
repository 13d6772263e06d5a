"""Fuzz the document inspectors with Atheris, for as long as you like. Not part of the test run.

    python -m pip install atheris
    python -m tests.fuzz.fuzz_documents application/zip CORPUS_DIR -max_total_time=3600

The first argument is the content type; the others are libFuzzer's. Any exception that is no
``Rejection`` is a finding, and so is a document on which an independent reader disagrees.
"""

import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped]

with atheris.instrument_imports(include=["gridboss_assets"]):
    from tests.support.document_fuzz import TYPES, seeds, verify


def main(arguments: list[str]) -> int:
    """Write the seeds into the corpus, and fuzz."""
    if len(arguments) < 2 or arguments[1] not in TYPES:
        sys.stderr.write(f"{__doc__}\nContent types: {', '.join(TYPES)}\n")
        return 2
    content_type, rest = arguments[1], arguments[2:]
    if rest and not rest[0].startswith("-"):
        corpus = Path(rest[0])
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds(content_type)):
            (corpus / f"seed-{number}").write_bytes(seed)

    def one(data: bytes) -> None:
        verify(data, content_type)

    atheris.Setup([arguments[0], *rest], one)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
