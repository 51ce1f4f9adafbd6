"""`make emails`: what the platform wrote on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from infrastructure.local import emails

from sharemtc import mail
from sharemtc.settings import settings


def write(state: Path, monkeypatch: pytest.MonkeyPatch, subject: str) -> None:
    here = settings().model_copy(update={"mail_outbox_dir": str(state / emails.OUTBOX)})
    monkeypatch.setattr(mail, "settings", lambda: here)
    mail.send(mail.Email("ada@example.org", subject, f"About {subject}:\n\nhttp://127.0.0.1/#token=t0ken", "<p></p>"))


def test_shows_the_newest_emails_with_their_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for subject in ("one", "two", "three"):
        write(tmp_path, monkeypatch, subject)
    assert emails.show(tmp_path, 2) == 0
    shown = capsys.readouterr().out
    assert "Subject: one" not in shown
    assert shown.index("Subject: two") < shown.index("Subject: three")
    assert shown.count("To: ada@example.org") == shown.count("http://127.0.0.1/#token=t0ken") == 2


def test_says_where_emails_will_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert emails.show(tmp_path, 5) == 0
    assert str(tmp_path / "outbox") in capsys.readouterr().out
