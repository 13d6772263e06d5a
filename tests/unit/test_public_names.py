"""What embedders may import, pinned: a change here is a change of the public interface."""

import importlib
import subprocess
import sys
from importlib.resources import files

import pytest

import app.main
import app.services.storage
import gridboss_config

PUBLIC = {
    "gridboss_config": ["Settings", "describe", "get_settings"],
    "gridboss_assets": [
        "DEFAULT_KINDS",
        "AssetsError",
        "Cdn",
        "ClamAV",
        "CloudFrontSigner",
        "CompletedUpload",
        "ContentType",
        "Credentials",
        "DeletedObject",
        "Delivery",
        "DownloadLink",
        "InProcess",
        "InspectionPolicy",
        "Kind",
        "Kinds",
        "MemoryStorage",
        "S3Storage",
        "Sandbox",
        "SandboxLimits",
        "Scanner",
        "SignedCookies",
        "SignedUpload",
        "Storage",
        "Uploads",
    ],
    "gridboss_assets.exports": [
        "Align",
        "BarChart",
        "Column",
        "CsvOptions",
        "Export",
        "Format",
        "JsonOptions",
        "LineChart",
        "PdfFont",
        "PdfOptions",
        "Table",
        "ZipEntry",
        "ZipOptions",
        "awrite_export",
        "write_export",
    ],
    "gridboss_assets.reports": [
        "Prepared",
        "Report",
        "ReportRequest",
        "Reports",
        "default_reports",
        "load_reports",
        "report",
    ],
    "gridboss_assets.web": [
        "Action",
        "Authorize",
        "Caller",
        "Limiter",
        "MemoryLimiter",
        "Resource",
        "authorize",
        "create_app",
        "log_config",
    ],
}


@pytest.mark.parametrize("module", PUBLIC)
def test_the_public_names_are_these_and_no_others(module: str) -> None:
    found = importlib.import_module(module)
    assert sorted(found.__all__) == sorted(PUBLIC[module])
    assert all(hasattr(found, name) for name in PUBLIC[module])


def test_the_promised_import_paths_are_there() -> None:
    assert callable(app.main.app)
    assert callable(app.services.storage.generate_presigned_get_url)
    assert callable(gridboss_config.get_settings.cache_clear)


@pytest.mark.parametrize("package", ["gridboss_assets", "gridboss_config", "app"])
def test_every_package_tells_type_checkers_that_it_is_typed(package: str) -> None:
    assert files(package).joinpath("py.typed").is_file()


def test_importing_the_inspection_loads_no_client_no_web_framework_and_no_decoder() -> None:
    code = (
        "import sys, gridboss_assets.inspection; "
        "print(*sorted({'boto3', 'fastapi', 'pydantic', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == ""


def test_making_the_service_loads_nothing_that_only_exports_need() -> None:
    code = (
        "import sys; from gridboss_assets.web import create_app; create_app(); "
        "heavy = {'dramatiq', 'pyarrow', 'redis', 'reportlab', 'sqlalchemy'}; "
        "print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == ""
