"""Reloads functions: an edit in a function's or layer's folder is deployed at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infrastructure.local import archives, layers
from infrastructure.local.aws import Clients
from infrastructure.local.deploy import FUNCTION, LAYER, Stack
from infrastructure.local.template import load, resources

Signature = tuple[tuple[str, int, int], ...]


class CodeWatch:
    """Compares modification times; polling some hundred files takes about a millisecond."""

    def __init__(self, clients: Clients, template: Path, stack: Stack) -> None:
        self._clients = clients
        self._stack = stack
        content = load(template)
        self._functions = {
            logical_id: template.parent / properties["CodeUri"]
            for logical_id, properties in resources(content, FUNCTION)
            if isinstance(properties.get("CodeUri"), str) and logical_id in stack.physical_ids
        }
        self._layers = {
            logical_id: template.parent / properties["ContentUri"]
            for logical_id, properties in resources(content, LAYER)
            if isinstance(properties.get("ContentUri"), str)
        }
        self._seen = {folder: signature(folder) for folder in self._folders()}

    def _folders(self) -> set[Path]:
        return {*self._functions.values(), *self._layers.values()}

    def apply_changes(self) -> list[str]:
        """Deploys changes since the last call; returns the logical ids. Raises BuildFailed."""
        changed = {folder for folder in self._folders() if signature(folder) != self._seen[folder]}
        for folder in changed:
            self._seen[folder] = signature(folder)
        replaced = [logical_id for logical_id, folder in self._layers.items() if folder in changed]
        for logical_id in replaced:
            self._replace_layer(logical_id)
        updated = [logical_id for logical_id, folder in self._functions.items() if folder in changed]
        for logical_id in updated:
            code = archives.pack(self._functions[logical_id])
            self._clients("lambda").update_function_code(
                FunctionName=self._stack.physical_ids[logical_id], ZipFile=code
            )
        return replaced + updated

    def _replace_layer(self, logical_id: str) -> None:
        client = self._clients("lambda")
        content = layers.build(logical_id, self._layers[logical_id]).read_bytes()
        stale = self._layer_arn(logical_id).rpartition(":")[0]
        fresh: str = client.publish_layer_version(
            LayerName=stale.rpartition(":")[2], Content={"ZipFile": content}
        )["LayerVersionArn"]  # fmt: skip
        for function in self._functions:
            name = self._stack.physical_ids[function]
            attached: list[dict[str, Any]] = client.get_function_configuration(FunctionName=name).get("Layers", [])
            arns = [fresh if layer["Arn"].rpartition(":")[0] == stale else layer["Arn"] for layer in attached]
            if fresh in arns:
                client.update_function_configuration(FunctionName=name, Layers=arns)

    def _layer_arn(self, logical_id: str) -> str:
        # SAM appends a hash of the content to a layer's logical id
        arns = (
            arn for name, arn in self._stack.physical_ids.items() if name.startswith(logical_id) and ":layer:" in arn
        )
        return next(arns)


def signature(folder: Path) -> Signature:
    found = []
    for path in archives.files(folder, bytecode=False):
        try:
            entry = path.stat()
        except FileNotFoundError:
            continue
        found.append((str(path), entry.st_mtime_ns, entry.st_size))
    return tuple(found)
