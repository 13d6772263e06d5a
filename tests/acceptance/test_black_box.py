"""This suite is kept apart from the product: it knows nothing but HTTP and the bucket."""

import ast
from pathlib import Path

PRODUCT = {"gridboss_assets", "gridboss_config", "app"}


def test_no_file_of_this_suite_imports_product_code() -> None:
    files = sorted(Path(__file__).parent.rglob("*.py"))
    assert {(file.name, root) for file in files for root in _imported(file) & PRODUCT} == set()


def test_no_file_of_this_suite_imports_by_name_at_run_time() -> None:
    files = sorted(Path(__file__).parent.rglob("*.py"))
    assert [file.name for file in files if _imported(file) & {"importlib", "runpy"}] == []


def _imported(file: Path) -> set[str]:
    """Return the first part of every module that a file imports."""
    roots: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # A relative import has no module of its own here: the folder is no package.
            roots.add((node.module or "").partition(".")[0])
    return roots
