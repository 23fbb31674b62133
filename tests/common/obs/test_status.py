"""What `partyline obs status` remarks on a source."""

from __future__ import annotations

import pytest

from common.obs.plan import BROWSER, Source
from common.obs.status import SourceState

SOURCE = Source("partyline voices", BROWSER, {})


def state(**more: object) -> SourceState:
    return SourceState(
        **{
            "source": SOURCE,
            "scenes": ("Game",),
            "muted": False,
            "volume_db": 0.0,
            "monitored": False,
            "peak_db": -20.0,
            **more,
        }
    )


def test_nothing_is_remarked_on_a_source_that_is_as_it_should_be():
    assert state().remarks == []


@pytest.mark.parametrize(
    ("changed", "remark"),
    [
        ({"outdated": True}, "shows an old address (run `partyline obs setup` again)"),
        ({"scenes": ()}, "is in no scene"),
        ({"muted": True}, "is muted in OBS"),
        ({"monitored": True}, "is monitored, so you may hear everybody twice"),
    ],
)
def test_a_setting_that_may_not_be_meant_is_remarked(changed, remark):
    assert state(**changed).remarks == [remark]


DEVICE = Source("partyline device", "coreaudio_input_capture", {})


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"source": DEVICE, "on_mac": True, "peak_db": None}, True),
        ({"source": DEVICE, "on_mac": True, "peak_db": -90.0}, True),
        ({"source": DEVICE, "on_mac": True}, False),
        ({"source": DEVICE, "on_mac": False, "peak_db": None}, False),
        ({"on_mac": True, "peak_db": None}, False),  # a page needs no permission
    ],
)
def test_silence_of_a_device_on_a_mac_names_the_permissions(changed, named):
    remarks = " ".join(state(**changed).remarks)
    assert ("Microphone" in remarks) is named
    assert ("Screen & System Audio Recording" in remarks) is named


def test_a_muted_device_is_said_to_be_muted_only():
    assert state(source=DEVICE, on_mac=True, peak_db=None, muted=True).remarks == ["is muted in OBS"]
