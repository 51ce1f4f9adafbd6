"""Public SSH keys: real ones pass and come out normalised; nothing else, and nothing more, gets through."""

from __future__ import annotations

import base64
import hashlib
import struct
import subprocess
import unicodedata
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from sharemtc.accounts import ssh_keys
from sharemtc.problems import Invalid

ED25519 = (
    Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
    .public_key()
    .public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    .decode()
)
TYPE, BLOB = ED25519.split(" ")


def packed(*parts: bytes) -> str:
    return base64.b64encode(b"".join(struct.pack(">I", len(part)) + part for part in parts)).decode()


def code(text: str) -> str:
    with pytest.raises(Invalid) as caught:
        ssh_keys.parse(text)
    (error,) = caught.value.errors
    assert error.pointer == "/public_key"
    return error.code.removeprefix("ssh_key_")


@pytest.mark.parametrize(
    ("kind", "size", "key_type", "bits"),
    [
        ("ed25519", 256, "ssh-ed25519", 256),
        ("rsa", 3072, "ssh-rsa", 3072),
        ("ecdsa", 256, "ecdsa-sha2-nistp256", 256),
        ("ecdsa", 384, "ecdsa-sha2-nistp384", 384),
        ("ecdsa", 521, "ecdsa-sha2-nistp521", 521),
    ],
)
def test_reads_what_ssh_keygen_makes(tmp_path: Path, kind: str, size: int, key_type: str, bits: int) -> None:
    file = tmp_path / "key"
    made = ["ssh-keygen", "-q", "-t", kind, "-b", str(size), "-N", "", "-C", "ada@laptop of hers", "-f", str(file)]
    subprocess.run(made, check=True)
    shown = subprocess.run(["ssh-keygen", "-l", "-f", f"{file}.pub"], check=True, capture_output=True, text=True).stdout
    line = Path(f"{file}.pub").read_text()
    key = ssh_keys.parse(line)
    assert shown.startswith(f"{key.bits} {key.fingerprint} ")
    assert (key.type, key.bits, key.text) == (key_type, bits, " ".join(line.split(" ")[:2]))


def test_reads_keys_that_live_on_a_security_key() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    raw = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    ed25519, ecdsa = "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"
    for name, text in (
        (ed25519, packed(ed25519.encode(), raw, b"ssh:")),
        (ecdsa, packed(ecdsa.encode(), b"nistp256", point, b"ssh:")),
    ):
        key = ssh_keys.parse(f"{name} {text}")
        assert (key.type, key.bits, key.text) == (name, 256, f"{name} {text}")


@pytest.mark.parametrize(
    "pasted",
    [
        ED25519,
        f"{ED25519}\n",
        f"  {ED25519}\r\n",
        f"{ED25519} ada@laptop",
        f'{ED25519} a comment, with = and "quotes"',
        f"{TYPE}\t{BLOB}\tada@laptop",
        f"{TYPE}  {BLOB}   ada@laptop",
        f"\ufeff{ED25519} ada@laptop\r\n",
        f"{TYPE}\u00a0{BLOB}\u00a0ada@laptop",
        f"\u3000{TYPE}\u2009 {BLOB}",
        f"{TYPE} {BLOB[:20]}\u200b{BLOB[20:]}",
        f"{ED25519} Ada \U0001f469\u200d\U0001f4bb at work \u2764\ufe0f",
        f"{ED25519} \u202eada",
    ],
)
def test_same_key_is_one_key_however_it_is_pasted(pasted: str) -> None:
    key = ssh_keys.parse(pasted)
    assert key.text == ED25519
    assert (
        key.fingerprint == f"SHA256:{base64.b64encode(hashlib.sha256(base64.b64decode(BLOB)).digest()).decode()[:-1]}"
    )


@pytest.mark.parametrize(
    "text",
    [
        f'command="rm -rf /" {ED25519}',
        f"no-pty,from=10.0.0.1 {ED25519}",
        f'environment="LD_PRELOAD=/x" {ED25519}',
        f"cert-authority {ED25519}",
        f"# {ED25519}",
        f"ssh-dss {BLOB}",
        f"ssh-ed25519-cert-v01@openssh.com {BLOB}",
        f"SSH-ED25519 {BLOB}",
        "",
        "ssh",
        BLOB,
    ],
)
def test_line_must_begin_with_a_known_type(text: str) -> None:
    assert code(text) == "type"


@pytest.mark.parametrize(
    "text",
    [
        f"{ED25519}\n{ED25519}",
        f'{ED25519} x\ncommand="sh" {ED25519}',
        f"{ED25519}\r{ED25519}",
        f"{ED25519}\x00",
        f"{ED25519} \x1b[31m",
        f"{ED25519} \u2028{ED25519}",
    ],
)
def test_second_line_and_control_characters_are_refused(text: str) -> None:
    assert code(text) == "control_character"


@pytest.mark.parametrize(
    "text",
    [
        "ssh-ed25519",
        "ssh-ed25519 ",
        "ssh-ed25519 AAAA",
        f"ssh-ed25519 {BLOB[:-4]}",
        f"ssh-ed25519 !{BLOB}",
        f"ssh-ed25519 {BLOB}=",
        f"ssh-ed25519 {BLOB}é",
        f"ssh-rsa {BLOB}",
        f"ssh-ed25519 {packed(b'ssh-ed25519', b'x' * 31)}",
        f"ssh-ed25519 {packed(b'ssh-ed25519', b'x' * 32, b'more')}",
        f"ecdsa-sha2-nistp256 {packed(b'ecdsa-sha2-nistp256', b'nistp256', bytes([4]) + b'x' * 64)}",
        f"ssh-ed25519 {base64.b64encode(struct.pack('>I', 2**31)).decode()}",
    ],
)
def test_broken_key_is_refused(text: str) -> None:
    assert code(text) == "unreadable"


def test_short_rsa_key_is_refused() -> None:
    public = rsa.generate_private_key(65537, 2048).public_key()
    assert code(public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()) == "weak"


def test_rsa_key_that_guests_do_not_take_is_refused() -> None:
    assert ssh_keys.parse(f"ssh-rsa {rsa_blob(8192)}").bits == 8192
    assert code(f"ssh-rsa {rsa_blob(8193)}") == "too_large"
    assert code(f"ssh-rsa {rsa_blob(16384)}") == "too_large"


def rsa_blob(bits: int) -> str:
    modulus = (1 << (bits - 1)) + 1
    return packed(b"ssh-rsa", b"\x01\x00\x01", modulus.to_bytes(bits // 8 + 1, "big"))


def test_private_key_is_refused_with_a_warning() -> None:
    private = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    assert code(private.decode()) == "private_key"


def test_enormous_text_is_refused() -> None:
    assert code(f"{ED25519} {'x' * 20_000}") == "too_long"


@given(st.text() | st.builds("{} {}".format, st.sampled_from(sorted(ssh_keys.TYPES)), st.text()))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        ssh_keys.parse(text)


@given(st.binary(min_size=32, max_size=32), st.text())
def test_what_passes_is_exactly_one_line_of_type_and_key(seed: bytes, comment: str) -> None:
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    line = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    try:
        assert ssh_keys.parse(f"{line} {comment}").text == line
    except Invalid:
        judged = {unicodedata.category(character) for character in comment}
        assert judged & {"Cc", "Zl", "Zp"} or "PRIVATE KEY" in comment


@given(st.data())
def test_damaged_key_is_refused_or_another_key(data: st.DataObject) -> None:
    blob = bytearray(base64.b64decode(BLOB))
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        key = ssh_keys.parse(f"{TYPE} {base64.b64encode(blob).decode()}")
    except Invalid:
        return
    assert key.text != ED25519
    assert key.fingerprint != ssh_keys.parse(ED25519).fingerprint
