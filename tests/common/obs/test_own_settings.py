"""OBS's own record of port and password, old and new."""

from __future__ import annotations

from pathlib import Path

from common.obs.own_settings import OwnSettings, read

NEW = (
    '{"alerts_enabled":false,"auth_required":true,"server_enabled":true,"server_password":"s3cret","server_port":4460}'
)
OLD = """\
\ufeff[General]
FirstRun=true
[OBSWebSocket]
ServerEnabled=true
ServerPort=4461
AuthRequired=true
ServerPassword=50%
"""


def test_the_plugins_own_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "plugin_config" / "obs-websocket" / "config.json"
    file.parent.mkdir(parents=True)
    file.write_text(NEW)
    assert read(tmp_path) == OwnSettings(enabled=True, port=4460, password="s3cret")


def test_before_obs_30_it_stood_in_the_global_settings(tmp_path: Path) -> None:
    (tmp_path / "global.ini").write_text(OLD)
    assert read(tmp_path) == OwnSettings(enabled=True, port=4461, password="50%")


def test_nothing_or_nonsense_is_no_settings(tmp_path: Path) -> None:
    assert read(tmp_path) is None
    (tmp_path / "global.ini").write_text("[OBSWebSocket]\nServerPort=many\n")
    assert read(tmp_path) is None


def test_the_password_does_not_show_when_printed() -> None:
    assert "s3cret" not in repr(OwnSettings(enabled=True, port=1, password="s3cret"))
