"""Locks, options, and what is decided about system packages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from infrastructure.local import options
from infrastructure.local.failures import LocalCloudError
from infrastructure.local.locks import CHALICE_COMMAND_LINE, LOCKS
from infrastructure.local.paths import REPOSITORY
from infrastructure.local.setup_steps import system_packages
from infrastructure.local.setup_steps.system_packages import ASK, INSTALL, SAY, way


class TestLocks:
    @pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.target)
    def test_pins_every_package_with_hashes_and_names_no_index(self, lock: object) -> None:
        text = (REPOSITORY / lock.target).read_text()  # type: ignore[attr-defined]
        requirements = re.split(r"\n(?=[a-zA-Z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
        assert all("==" in entry and "--hash=sha256:" in entry for entry in requirements)
        assert "://" not in text

    def test_functions_do_not_carry_the_command_line_of_their_router(self) -> None:
        vendor = (REPOSITORY / "layers/vendor/requirements.txt").read_text()
        assert not [name for name in CHALICE_COMMAND_LINE if re.search(rf"^{name}==", vendor, re.MULTILINE)]


class TestOptions:
    def test_variables_set_template_parameters(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SHAREMTC_STARTING_CREDIT_MICROS", "5000000")
        monkeypatch.setenv("SHAREMTC_AGENT_COMMAND_POLL_S", "1")
        monkeypatch.setenv("SHAREMTC_OPERATOR_EMAIL", "me@example.com")
        parameters = options.from_environment().parameters
        assert parameters["StartingCreditMicros"] == "5000000"
        assert parameters["AgentCommandPollS"] == "1"
        assert parameters["OperatorEmail"] == "me@example.com"

    @pytest.mark.parametrize("value", ["http", "0", "70000", "-1", "８４２０"])
    def test_a_port_that_is_none_is_named(self, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
        monkeypatch.setenv("SHAREMTC_PORT", value)
        with pytest.raises(LocalCloudError, match="SHAREMTC_PORT"):
            options.from_environment()

    def test_state_lies_where_asked(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("SHAREMTC_STATE_DIR", str(tmp_path))
        assert options.from_environment().state_dir == tmp_path


class TestSystemPackages:
    @pytest.mark.parametrize(
        ("root", "apt", "somebody", "expected"),
        [
            (True, True, False, INSTALL),
            (True, True, True, ASK),
            (True, False, False, SAY),
            (False, True, False, SAY),
            (False, True, True, SAY),
        ],
    )
    def test_installs_unasked_only_where_nobody_is_there(
        self, root: bool, apt: bool, somebody: bool, expected: str
    ) -> None:
        assert way(root=root, apt=apt, somebody=somebody) == expected

    def test_ci_counts_as_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CI", "true")
        assert not system_packages.somebody_is_there()

    def test_only_the_browser_tests_want_a_browser(self) -> None:
        assert "chromium" in system_packages.wanted("test")
        assert "chromium" not in system_packages.wanted("run")


class TestKernelPackage:
    @pytest.mark.parametrize(
        ("release", "kernel"),
        [
            ({"ID": "debian"}, "linux-image-cloud-amd64"),
            ({"ID": "ubuntu", "ID_LIKE": "debian"}, "linux-image-virtual"),
            ({"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, "linux-image-virtual"),
        ],
    )
    def test_is_the_distributions_own(
        self, monkeypatch: pytest.MonkeyPatch, release: dict[str, str], kernel: str
    ) -> None:
        monkeypatch.setattr("platform.machine", lambda: "x86_64")
        monkeypatch.setattr("platform.freedesktop_os_release", lambda: release)
        assert kernel in system_packages.wanted("run")
