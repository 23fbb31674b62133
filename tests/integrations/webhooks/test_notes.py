"""The page about webhooks: its settings can be used, and it tells of every event."""

from __future__ import annotations

import re
import tomllib
from typing import get_args

from common.config.integration_tables import HookEventName, Webhook
from common.config.settings import of_text
from common.files.paths import CHECKOUT

NOTES = (CHECKOUT / "notes/integrations/webhooks.md").read_text("utf-8")


def test_the_settings_of_the_page_can_be_used() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", NOTES, re.DOTALL)
    settings = of_text(text, "the page")
    assert set(settings.webhooks.hooks) == {"lights", "chat"}
    assert settings.integrations.run == ("webhooks",)
    assert tomllib.loads(text)


def test_every_event_and_key_has_its_row() -> None:
    rows = [row.split("|")[1] for row in NOTES.splitlines() if row.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`([\w.]+)`", row)}
    assert set(get_args(HookEventName)) | set(Webhook.__struct_fields__) | {"test"} == told
