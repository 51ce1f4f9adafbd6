"""Deploys ``template.yaml`` to the embedded cloud: builds layers, packages local code, executes a change set.

`packaged` shows what is changed in the template on the way; the file itself is the one that AWS gets.
"""

from __future__ import annotations

import copy
import hashlib
import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from infrastructure.local import archives, layers
from infrastructure.local.aws import Clients
from infrastructure.local.failures import DeployFailed
from infrastructure.local.template import Template, load, resources

STACK = "sharemtc"
CHANGE_SET = "start"
BUCKET = "sharemtc-artifacts"
FUNCTION, LAYER, MACHINE = "AWS::Serverless::Function", "AWS::Serverless::LayerVersion", "AWS::Serverless::StateMachine"
DEPLOY_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Stack:
    """Outputs, and the physical id of every resource."""

    outputs: dict[str, str]
    physical_ids: dict[str, str]


class Deployment:
    def __init__(self, clients: Clients, template: Path, parameters: dict[str, str]) -> None:
        self._clients = clients
        self._path = template
        self._folder = template.parent
        self._parameters = parameters

    def deploy(self) -> Stack:
        """Raises DeployFailed, BuildFailed."""
        template = load(self._path)
        declared = template.get("Parameters", {})
        values = {name: value for name, value in self._parameters.items() if name in declared}
        self._clients("s3").create_bucket(Bucket=BUCKET)
        stack = self._execute(self.packaged(template), values)
        self._apply_expiry(template, stack)
        return stack

    def packaged(self, template: Template) -> Template:
        """The template with local paths replaced by objects in the artifacts bucket, as ``sam package`` does."""
        template = copy.deepcopy(template)
        with ThreadPoolExecutor(4) as pool:
            jobs = [pool.submit(self._package_layer, i, p, template) for i, p in resources(template, LAYER)]
            jobs += [pool.submit(self._package_code, p) for _, p in resources(template, FUNCTION)]
            jobs += [pool.submit(self._inline_definition, p) for _, p in resources(template, MACHINE)]
            for job in jobs:
                job.result()
        return template

    def _package_layer(self, logical_id: str, properties: dict[str, Any], template: Template) -> None:
        source = properties["ContentUri"]
        if not isinstance(source, str) or source.startswith("s3://"):
            return
        method = template["Resources"][logical_id].get("Metadata", {}).get("BuildMethod")
        folder = self._folder / source
        content = layers.build(logical_id, folder).read_bytes() if method == "makefile" else archives.pack(folder)
        properties["ContentUri"] = self._upload(content)

    def _package_code(self, properties: dict[str, Any]) -> None:
        source = properties.get("CodeUri")
        if isinstance(source, str) and not source.startswith("s3://"):
            properties["CodeUri"] = self._upload(archives.pack(self._folder / source))

    def _inline_definition(self, properties: dict[str, Any]) -> None:
        # the definition travels inside the template: one object less to fetch, and errors name the state machine
        source = properties.get("DefinitionUri")
        if isinstance(source, str) and not source.startswith("s3://"):
            del properties["DefinitionUri"]
            properties["Definition"] = json.loads((self._folder / source).read_text())

    def _upload(self, content: bytes) -> str:
        key = f"{hashlib.sha256(content).hexdigest()}.zip"
        self._clients("s3").put_object(Bucket=BUCKET, Key=key, Body=content)
        return f"s3://{BUCKET}/{key}"

    def _execute(self, template: Template, values: dict[str, str]) -> Stack:
        cloud_formation = self._clients("cloudformation")
        try:
            cloud_formation.create_change_set(
                StackName=STACK, ChangeSetName=CHANGE_SET, ChangeSetType="CREATE", TemplateBody=json.dumps(template),
                Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
                Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            )  # fmt: skip
            self._wait_for(self._change_set_status)
            cloud_formation.execute_change_set(StackName=STACK, ChangeSetName=CHANGE_SET)
            status = self._wait_for(lambda: str(self._described()["StackStatus"]))
        except ClientError as error:
            raise DeployFailed(f"{self._path.name}: {error.response['Error'].get('Message', error)}") from None
        if status != "CREATE_COMPLETE":
            raise DeployFailed(f"{self._path.name}: {self._first_failure()}")
        described = self._described()
        listed = cloud_formation.describe_stack_resources(StackName=STACK)["StackResources"]
        return Stack(
            outputs={output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])},
            physical_ids={entry["LogicalResourceId"]: entry["PhysicalResourceId"] for entry in listed},
        )

    def _described(self) -> dict[str, Any]:
        described: dict[str, Any] = self._clients("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        return described

    def _change_set_status(self) -> str:
        change_set = self._clients("cloudformation").describe_change_set(StackName=STACK, ChangeSetName=CHANGE_SET)
        if change_set["Status"] == "FAILED":
            raise DeployFailed(f"{self._path.name}: {change_set.get('StatusReason', 'the change set failed')}")
        return str(change_set["Status"])

    def _wait_for(self, status: Callable[[], str]) -> str:
        deadline = time.monotonic() + DEPLOY_TIMEOUT_S
        while time.monotonic() < deadline:
            current = status()
            if not current.endswith(("PROGRESS", "PENDING")):
                return current
            time.sleep(0.05)
        raise DeployFailed(f"{self._path.name} was not deployed within {DEPLOY_TIMEOUT_S:.0f} s")

    def _first_failure(self) -> str:
        events = self._clients("cloudformation").describe_stack_events(StackName=STACK)["StackEvents"]
        failed = [event for event in events if event["ResourceStatus"].endswith("FAILED")]
        if not failed:
            return "the stack was rolled back"
        first = min(failed, key=lambda event: event["Timestamp"])
        return f"{first['LogicalResourceId']}: {first.get('ResourceStatusReason', 'failed')}"

    def _apply_expiry(self, template: Template, stack: Stack) -> None:
        # the emulator creates tables without their TimeToLiveSpecification
        for logical_id, properties in resources(template, "AWS::DynamoDB::Table"):
            wanted = properties.get("TimeToLiveSpecification")
            if wanted:
                self._clients("dynamodb").update_time_to_live(
                    TableName=stack.physical_ids[logical_id], TimeToLiveSpecification=wanted
                )


def runtime_name() -> str:
    """The Lambda runtime of this interpreter, such as ``python3.11``."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"
