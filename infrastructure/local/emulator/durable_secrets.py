"""Patch: generated secrets are random, follow their options, and survive restarts.

Upstream, ``GenerateSecretString`` uses a predictable generator, ignores most options, and generates again with every
stack. Here a secret is generated once from the system's random source and kept in a file that only its owner can read,
before any function sees it. Later changes of the secret are kept too.
"""

from __future__ import annotations

import json
import os
import secrets
import string
import urllib.parse
from pathlib import Path
from typing import Any

from infrastructure.local.emulator.upstream import provisioners, require, secrets_manager

DEFAULT_LENGTH = 32


def apply(folder: Path) -> None:
    require(provisioners, "_sm_secret_create", "_physical_name", "_RESOURCE_HANDLERS")
    require(secrets_manager, "_put_secret_value", "_update_secret", "_resolve")
    store = SecretStore(folder)
    stock_create = provisioners._sm_secret_create

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
        generate = properties.get("GenerateSecretString")
        if generate is not None and not properties.get("SecretString"):
            name = properties.get("Name") or provisioners._physical_name(stack_name, logical_id)
            value = store.value(name, generate)
            properties = {**properties, "Name": name, "SecretString": value}
        return stock_create(logical_id, properties, stack_name)

    provisioners._sm_secret_create = create
    provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]["create"] = create
    for operation in ("_put_secret_value", "_update_secret"):
        setattr(secrets_manager, operation, _keeping(getattr(secrets_manager, operation), store))


def _keeping(operation: Any, store: SecretStore) -> Any:
    def change(data: dict[str, Any]) -> Any:
        answer = operation(data)
        _, secret = secrets_manager._resolve(data.get("SecretId"))
        if answer[0] == 200 and secret is not None and store.knows(secret["Name"]):
            current = (v["SecretString"] for v in secret["Versions"].values() if "AWSCURRENT" in v["Stages"])
            store.keep(secret["Name"], next(current))
        return answer

    return change


class SecretStore:
    """One private file per generated secret."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def value(self, name: str, generate: dict[str, Any]) -> str:
        """The stored value with the template's other fields; generates it on first use."""
        template = json.loads(generate["SecretStringTemplate"]) if generate.get("SecretStringTemplate") else None
        key = generate.get("GenerateStringKey", "password")
        kept = self._file(name).read_text() if self.knows(name) else None
        if template is None:
            value = kept if kept is not None else draw(generate)
        else:
            fields = {**(self._fields(name, kept) if kept is not None else {}), **template}
            fields.setdefault(key, draw(generate))
            value = json.dumps(fields)
        if value != kept:
            self.keep(name, value)
        return value

    def _fields(self, name: str, kept: str) -> dict[str, Any]:
        try:
            fields: dict[str, Any] = json.loads(kept)
        except ValueError:
            damaged = f"the secret in {self._file(name)} is damaged"
            raise ValueError(f"{damaged}: restore it from a backup, or move it away to have another drawn") from None
        return fields

    def knows(self, name: str) -> bool:
        return self._file(name).exists()

    def keep(self, name: str, value: str) -> None:
        """Atomically: a kill leaves the old value or the new one."""
        fresh = self._file(name).with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as target:
            target.write(value)
            target.flush()
            os.fsync(target.fileno())
        fresh.replace(self._file(name))

    def _file(self, name: str) -> Path:
        return self._folder / f"{urllib.parse.quote(name, safe='')}.secret"


def draw(generate: dict[str, Any]) -> str:
    """A random string by the options of ``GenerateSecretString``.

    Source: AWS::SecretsManager::Secret GenerateSecretString in the CloudFormation reference.
    """
    length = int(generate.get("PasswordLength", DEFAULT_LENGTH))
    excluded = set(generate.get("ExcludeCharacters", ""))
    kinds = {
        "ExcludeLowercase": string.ascii_lowercase,
        "ExcludeUppercase": string.ascii_uppercase,
        "ExcludeNumbers": string.digits,
        "ExcludePunctuation": string.punctuation,
    }
    allowed = [characters for name, characters in kinds.items() if not _on(generate, name)]
    classes = [[character for character in characters if character not in excluded] for characters in allowed]
    if _on(generate, "IncludeSpace"):
        classes.append([" "])
    classes = [characters for characters in classes if characters]
    alphabet = [character for characters in classes for character in characters]
    if not alphabet:
        raise ValueError("GenerateSecretString excludes every character")
    drawn = [secrets.choice(alphabet) for _ in range(length)]
    if not _on(generate, "RequireEachIncludedType", default=True) or length < len(classes):
        return "".join(drawn)
    for position, characters in enumerate(classes):
        drawn[position] = secrets.choice(characters)
    secrets.SystemRandom().shuffle(drawn)
    return "".join(drawn)


def _on(options: dict[str, Any], name: str, *, default: bool = False) -> bool:
    return str(options.get(name, default)).lower() == "true"
