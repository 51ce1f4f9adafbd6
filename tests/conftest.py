"""The environment of every test, set before anything of ours is imported: no account, no endpoint, quick hashes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

DOMAINS = (
    "accounts",
    "allocations",
    "audit",
    "billing",
    "catalog",
    "events",
    "hosts",
    "idempotency",
    "limits",
    "risks",
    "telemetry",
    "workloads",
)

os.environ.update({f"{domain.upper()}_TABLE": f"test-{domain}" for domain in DOMAINS})
os.environ.update(PASSWORD_MEMORY_KIB="8", PASSWORD_TIME_COST="1", TOKEN_SECRET_ID="test-token-secret")
os.environ.setdefault("AWS_ACCESS_KEY_ID", "testing")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "testing")
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")

# how long an example takes says more about the machine than about the code
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")

TESTS = Path(__file__).parent
# each shares a platform or emulators, of which one is enough
TOGETHER = ("e2e", "infrastructure", "reliability")
GUESTS = {"prepared_state", "hypervisor"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several workers run groups of tests, one of them runs all that share something, and each other file."""
    for item in items:
        file = item.path.relative_to(TESTS)
        group = file.parts[0] if file.parts[0] in TOGETHER else str(file)
        if GUESTS.intersection(getattr(item, "fixturenames", ())):
            group = "guests"
        item.add_marker(pytest.mark.xdist_group(group))
