"""The NoCloud seed: an ISO image with a guest's host name and SSH keys for its first boot."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path

from sharemtc_agent.runtimes.runtime import RuntimeFailure
from sharemtc_agent.runtimes.tools import run_tool

MAX_KEYS = 64
MAX_KEY_BYTES = 16_384
KEY_TYPES = frozenset(
    {
        "ssh-ed25519",
        "ssh-rsa",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
    }
)
_HOSTNAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9@._+ -]")


def plain_key(line: str) -> str:
    """An OpenSSH public key as `type base64 comment`, the comment reduced to plain characters.

    Errors: `RuntimeFailure` `ssh_key_refused` for options, several lines, an unknown type, or a blob of another type.
    """
    if len(line) > MAX_KEY_BYTES or any(ord(c) < 32 or ord(c) == 127 for c in line):
        raise RuntimeFailure("ssh_key_refused", "an SSH key is one line of at most 16 KiB")
    kind, _, rest = line.strip().partition(" ")
    blob, _, comment = rest.strip().partition(" ")
    if kind not in KEY_TYPES:
        raise RuntimeFailure("ssh_key_refused", "an SSH key starts with a known type, without options")
    try:
        raw = base64.b64decode(blob, validate=True)
    except (binascii.Error, ValueError):
        raise RuntimeFailure("ssh_key_refused", "an SSH key's second field is base64") from None
    if raw[:4] != len(kind).to_bytes(4) or raw[4 : 4 + len(kind)] != kind.encode():
        raise RuntimeFailure("ssh_key_refused", "an SSH key's blob is of the type that it names")
    return f"{kind} {blob} {_NOT_PLAIN.sub('', comment)}".strip()


def meta_data(vm_id: str, hostname: str) -> str:
    if _HOSTNAME.fullmatch(hostname) is None:
        raise RuntimeFailure("hostname_refused", "a hostname is 1 to 63 of a-z, 0-9 and inner hyphens")
    return f'instance-id: "{vm_id}"\nlocal-hostname: "{hostname}"\n'


def user_data(keys: tuple[str, ...]) -> str:
    """The cloud-config document.

    Every scalar is double-quoted; `plain_key` leaves nothing that needs escaping.
    """
    if not 1 <= len(keys) <= MAX_KEYS:
        raise RuntimeFailure("ssh_key_refused", f"a machine takes 1 to {MAX_KEYS} SSH keys")
    lines = "".join(f'  - "{plain_key(key)}"\n' for key in keys)
    return f"#cloud-config\ndisable_root: false\nssh_pwauth: false\nssh_authorized_keys:\n{lines}"


async def write_seed(target: Path, *, vm_id: str, hostname: str, keys: tuple[str, ...]) -> None:
    meta, user = meta_data(vm_id, hostname), user_data(keys)
    folder = target.with_suffix(".d")
    folder.mkdir(exist_ok=True, mode=0o700)
    (folder / "meta-data").write_text(meta)
    (folder / "user-data").write_text(user)
    argv = ["genisoimage", "-quiet", "-V", "cidata", "-r", "-J", "-o", str(target), "meta-data", "user-data"]
    await run_tool(argv, limit_s=20, cwd=folder)
    for name in ("meta-data", "user-data"):
        (folder / name).unlink()
    folder.rmdir()
