"""What `partyline obs status` remarks on a source."""

from __future__ import annotations

import pytest

from cli.obs.plan import BROWSER, Source
from cli.obs.status import SourceState

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
