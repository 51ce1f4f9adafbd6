"""What AWS would refuse of the template, and the embedded cloud does not."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from tests.support.tables import TEMPLATE, TemplateLoader

# IAM's default quota of managed policies for a role
MAX_POLICIES = 10

_RESOURCES = yaml.load(TEMPLATE.read_text(), Loader=TemplateLoader)["Resources"]  # noqa: S506 - a SafeLoader
_FUNCTIONS = {
    name: resource["Properties"]
    for name, resource in _RESOURCES.items()
    if resource["Type"] == "AWS::Serverless::Function"
}


def attached_by_sam(function: dict[str, Any]) -> int:
    """Logs and traces, and for a queue's consumer its queue."""
    return 2 + any(event["Type"] == "SQS" for event in function.get("Events", {}).values())


@pytest.mark.parametrize("name", _FUNCTIONS)
def test_a_role_takes_its_functions_policies(name: str) -> None:
    function = _FUNCTIONS[name]
    managed = [policy for policy in function.get("Policies", []) if isinstance(policy, str)]
    assert 0 < len(managed) + attached_by_sam(function) <= MAX_POLICIES


def test_every_method_reaches_the_function_which_says_what_a_path_allows() -> None:
    routes = [
        (event["Properties"]["Path"], event["Properties"]["Method"])
        for function in _FUNCTIONS.values()
        for event in function.get("Events", {}).values()
        if event["Type"] == "Api"
    ]
    assert {method for _, method in routes} == {"ANY"}
    assert len(routes) == len(set(routes))


def test_hashed_files_are_kept_for_ever_and_text_is_compressed_in_the_cloud_too() -> None:
    edge = _RESOURCES["Edge"]["Properties"]["DistributionConfig"]
    by_path = {behavior["PathPattern"]: behavior for behavior in edge["CacheBehaviors"]}
    assert edge["DefaultCacheBehavior"]["Compress"]
    assert by_path["/assets/*"]["Compress"]
    assert by_path["/assets/*"]["ResponseHeadersPolicyId"] == "HashedFiles"
    policy = _RESOURCES["HashedFiles"]["Properties"]["ResponseHeadersPolicyConfig"]["CustomHeadersConfig"]
    assert policy["Items"][0]["Value"] == "public, max-age=31536000, immutable"
    # CloudFront would weaken the tags of versions
    assert not by_path["/v1/*"].get("Compress")
    assert _RESOURCES["Api"]["Properties"]["MinimumCompressionSize"] == 1024


def test_the_api_docs_come_from_the_built_pages_in_the_cloud_too() -> None:
    behaviors = _RESOURCES["Edge"]["Properties"]["DistributionConfig"]["CacheBehaviors"]
    targets = {behavior["PathPattern"]: behavior["TargetOriginId"] for behavior in behaviors}
    # the first pattern that fits decides
    assert list(targets)[-1] == "/v1/*"
    assert (targets["/v1/docs"], targets["/v1/openapi.json"]) == ("spa", "spa")
    assert "'/api-docs.html'" in _RESOURCES["SpaRoutes"]["Properties"]["FunctionCode"]
