"""The upstream modules, and the check that they are those that the patches were written for."""

from __future__ import annotations

import importlib
import importlib.metadata
from types import ModuleType
from typing import Any

from infrastructure.local.emulator.settings import PatchMismatch

PATCHED_VERSION = "1.5.33"


def require_version() -> None:
    """Raises PatchMismatch for another ministack version."""
    found = importlib.metadata.version("ministack")
    if found != PATCHED_VERSION:
        right = "python3 infrastructure/local/setup.py installs the right one"
        raise PatchMismatch(f"the patches are written for ministack {PATCHED_VERSION}, installed is {found}: {right}")


def require(module: Any, *names: str) -> None:
    """Raises PatchMismatch unless the module has every name that a patch replaces."""
    missing = [name for name in names if not hasattr(module, name)]
    if missing:
        raise PatchMismatch(f"{getattr(module, '__name__', module)} has no {', '.join(missing)}")


def _service(name: str) -> Any:
    # Any: the package is untyped, and the patches replace its private functions
    module: ModuleType = importlib.import_module(f"ministack.{name}")
    return module


dynamodb = _service("services.dynamodb")
lambda_service = _service("services.lambda_svc")
lambda_runtime = _service("core.lambda_runtime")
step_functions = _service("services.stepfunctions")
api_gateway = _service("services.apigateway_v1")
secrets_manager = _service("services.secretsmanager")
provisioners = _service("services.cloudformation.provisioners")
gateway = _service("app")
