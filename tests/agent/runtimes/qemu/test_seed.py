import asyncio
import base64
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sharemtc_agent.runtimes.qemu.seed import meta_data, plain_key, user_data, write_seed
from sharemtc_agent.runtimes.runtime import RuntimeFailure
from sharemtc_agent.runtimes.tools import find_tool

ED25519 = "ssh-ed25519"


def make_key(kind: str = ED25519, blob: bytes = b"\0" * 36, comment: str = "me@home") -> str:
    raw = len(kind).to_bytes(4) + kind.encode() + blob
    return f"{kind} {base64.b64encode(raw).decode()} {comment}"


class TestPlainKey:
    @pytest.mark.parametrize(
        "line",
        [
            make_key() + "\n" + make_key(),
            'command="/bin/sh" ' + make_key(),
            "no-pty " + make_key(),
            "ssh-dss AAAA",
            "ssh-ed25519 not*base64",
            make_key().replace(ED25519, "ssh-rsa", 1),
            "",
            "ssh-ed25519",
            make_key(comment="\0"),
            make_key(blob=b"x" * 20_000),
        ],
    )
    def test_refuses(self, line: str) -> None:
        with pytest.raises(RuntimeFailure) as caught:
            plain_key(line)
        assert caught.value.code == "ssh_key_refused"

    @given(st.text(max_size=100))
    def test_any_comment_is_refused_or_made_plain(self, comment: str) -> None:
        try:
            key = plain_key(make_key(comment=comment))
        except RuntimeFailure:
            return
        assert key.isprintable()
        assert key.isascii()
        assert not set(key) & set("\"'\\#:{}[]")


class TestSeed:
    @given(st.lists(st.binary(min_size=1, max_size=80), min_size=1, max_size=5), st.text(max_size=40))
    def test_is_yaml_that_gives_the_keys_back(self, blobs: list[bytes], comment: str) -> None:
        printable = "".join(c for c in comment if ord(c) >= 32 and ord(c) != 127)
        keys = tuple(make_key(blob=blob, comment=printable) for blob in blobs)
        document = yaml.safe_load(user_data(keys))
        assert document["ssh_authorized_keys"] == [plain_key(key) for key in keys]
        assert document["ssh_pwauth"] is False

    @pytest.mark.parametrize("hostname", ["", "-a", "a-", "A", "a.b", 'a"\nb', "a" * 64, "a\n"])
    def test_refuses_hostname(self, hostname: str) -> None:
        with pytest.raises(RuntimeFailure, match="hostname"):
            meta_data("vm_1", hostname)

    def test_refuses_a_machine_that_nobody_could_enter(self) -> None:
        with pytest.raises(RuntimeFailure, match="1 to 64"):
            user_data(())

    @pytest.mark.slow
    def test_image_holds_both_documents(self, tmp_path: Path) -> None:
        target = tmp_path / "seed.iso"
        asyncio.run(write_seed(target, vm_id="vm_1", hostname="web-1", keys=(make_key(),)))
        listing = subprocess.run(
            [find_tool("isoinfo") or "isoinfo", "-J", "-f", "-i", str(target)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert sorted(listing.stdout.split()) == ["/meta-data", "/user-data"]
        assert [path.name for path in tmp_path.iterdir()] == ["seed.iso"]
