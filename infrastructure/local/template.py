"""Reads ``template.yaml`` with its CloudFormation short forms (``!Ref``, ``!Sub``, …) as plain data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from infrastructure.local.failures import DeployFailed

Template = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """A separate loader keeps the short forms out of other YAML files."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


def load(path: Path) -> Template:
    """Raises DeployFailed if the file is missing or not YAML."""
    try:
        template = yaml.load(path.read_text(), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise DeployFailed(f"{path}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise DeployFailed(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise DeployFailed(f"{path} has no Resources")
    return template


def resources(template: Template, *types: str) -> list[tuple[str, dict[str, Any]]]:
    """Logical ids and properties of the resources of these types."""
    found = []
    for logical_id, resource in template["Resources"].items():
        if resource.get("Type") in types:
            found.append((logical_id, resource.setdefault("Properties", {})))
    return found
