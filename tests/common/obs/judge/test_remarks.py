"""What is remarked on a source of ours, and why it is silent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.obs.judge.party_view import TalkerSound
from common.obs.judge.remarks import Facts, of_source

SOUNDING = Facts(scenes=("Game",), peak_db=-20.0, is_loaded=True, heard=TalkerSound(quiet_s=0.0))
SILENT = replace(SOUNDING, peak_db=-120.0)
DEVICE = replace(SILENT, is_page=False, is_loaded=None)


def codes(facts: Facts) -> list[str]:
    return [remark.code for remark in of_source(facts)]


def test_nothing_is_remarked_on_a_source_that_is_as_it_should_be():
    assert of_source(SOUNDING) == ()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(SOUNDING, monitored=True), "monitored"),
        (replace(SOUNDING, is_outdated=True), "old-address"),
        (replace(SOUNDING, is_rerouted=False), "not-rerouted"),
        (replace(SOUNDING, scenes=()), "no-scene"),
        (replace(SOUNDING, muted=True), "muted"),
        (replace(SOUNDING, volume_db=-80.0), "volume-down"),
        (replace(SOUNDING, is_active=False), "not-on-air"),
        (replace(SOUNDING, member="Bo", is_present=False, muted=True), "absent"),
    ],
)
def test_what_may_not_be_meant_is_remarked(facts: Facts, code: str):
    assert codes(facts) == [code]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(SILENT, is_loaded=False), "not-loaded"),
        (replace(SILENT, heard=TalkerSound(muted=True, quiet_s=0.0)), "talker-muted"),
        (replace(SILENT, heard=TalkerSound(quiet_s=60.0)), "nobody-spoke"),
        (replace(SILENT, heard=TalkerSound()), "nobody-spoke"),
        (replace(SILENT, heard=None), "silent"),
        (SILENT, "unexplained"),
        (replace(SILENT, is_outdated=True, muted=True, is_loaded=False), "old-address"),  # the first cause only
        (replace(DEVICE, on_mac=True), "permission"),
        (replace(DEVICE, on_mac=True, muted=True), "muted"),
        (replace(DEVICE, on_mac=True, heard=TalkerSound()), "nobody-spoke"),
        (DEVICE, "unexplained"),
    ],
)
def test_reasons_for_silence_are_told_apart(facts: Facts, code: str):
    assert codes(facts) == [code]


@pytest.mark.parametrize(("on_mac", "named"), [(True, True), (False, False)])
def test_silence_of_a_device_on_a_mac_names_the_permissions(on_mac: bool, named: bool):
    for heard in (None, TalkerSound(quiet_s=0.0)):
        [remark] = of_source(replace(DEVICE, on_mac=on_mac, heard=heard))
        assert ("Microphone" in remark.remedy) is named
        assert ("Screen & System Audio Recording" in remark.remedy) is named


def test_an_overlay_needs_no_sound():
    assert codes(replace(SILENT, is_voices=False, muted=True, heard=None)) == []
