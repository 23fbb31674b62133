"""Settings in the folder of a run: their values only where they cannot name anybody."""

from __future__ import annotations

import json

from cli.probe.results.versions import changed
from common.config.settings import load
from common.files.paths import Paths


def test_settings_that_may_name_somebody_are_only_said_to_be_changed(tmp_path):
    variables = {
        "PARTYLINE_PSN__CLIENT_SECRET": "s3cr3t",
        "PARTYLINE_AUDIO__DEVICE": "Quillons Headphones",
        "PARTYLINE_AUDIO__SINK": "null",
        "PARTYLINE_MEDIA__OFFER_AFTER_S": "2.5",
    }
    found = changed(load(Paths(tmp_path), variables))
    assert found == {
        "psn.client_secret": "changed",
        "audio.device": "changed",
        "audio.sink": "null",
        "media.offer_after_s": "2.5",
    }
    assert "s3cr3t" not in json.dumps(found)
