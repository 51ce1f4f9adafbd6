"""The import contracts leave no domain out."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/sharemtc/python/sharemtc"


class TestContracts:
    def test_the_records_of_every_domain_are_protected(self) -> None:
        contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
        protected = {
            (module.split(".")[1], *contract["allowed_importers"])
            for contract in contracts
            if contract["type"] == "protected"
            for module in contract["protected_modules"]
        }
        domains = {table.relative_to(PACKAGE).parts[0] for table in PACKAGE.rglob("table.py")}
        assert protected == {(domain, f"sharemtc.{domain}") for domain in domains}
