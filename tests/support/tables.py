"""The tables as `template.yaml` declares them, so that a key or index missing there fails a test here."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
_TABLE_PROPERTIES = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


class TemplateLoader(yaml.SafeLoader):
    """Reads the short forms of CloudFormation's functions as whatever they hold."""


def _value_of(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.ScalarNode)
    return loader.construct_scalar(node)


TemplateLoader.add_multi_constructor("!", _value_of)


@cache
def declared_tables() -> tuple[dict[str, Any], ...]:
    """What DynamoDB's CreateTable takes, for each `<Domain>Table` of the template, named `test-<domain>`."""
    return tuple(_declared_tables())


def _declared_tables() -> Iterator[dict[str, Any]]:
    resources = yaml.load(TEMPLATE.read_text(), Loader=TemplateLoader)["Resources"]  # noqa: S506 - a SafeLoader
    for logical_id, resource in resources.items():
        if resource["Type"] == "AWS::DynamoDB::Table":
            given = {name: resource["Properties"][name] for name in _TABLE_PROPERTIES if name in resource["Properties"]}
            yield {"BillingMode": "PAY_PER_REQUEST", **given, "TableName": f"test-{domain_of(logical_id)}"}


def domain_of(logical_id: str) -> str:
    """`AccountsTable` stands for the domain `accounts`."""
    assert logical_id.endswith("Table"), logical_id
    return logical_id.removesuffix("Table").lower()
