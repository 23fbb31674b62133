"""The list of what we know of Sony's side, by itself."""

from __future__ import annotations

import re

import pytest

from common.psn.http.client import Call
from common.psn.http.endpoints import Endpoints
from common.psn.known import DATA_TYPES, ENDPOINTS, endpoint_of
from common.psn.party.push import PREFIX


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_a_call_is_found_by_its_path_and_by_no_other_template(endpoint):
    path = re.sub(r"\{\w+\}", "-a%2Fb1", endpoint.template)
    alike = [
        e for e in ENDPOINTS if (e.method, e.host) == (endpoint.method, endpoint.host) and e.pattern.fullmatch(path)
    ]
    assert alike == [endpoint]
    assert endpoint_of(endpoint.method, endpoint.host, f"{path}?view=v3") is endpoint
    assert endpoint_of(endpoint.method, endpoint.host, f"{path}/more") is None
    assert endpoint.host in Endpoints.__struct_fields__


def test_a_calls_name_for_people_and_logs_has_no_ids_in_it():
    join = Call("POST", "mobile", "/api/sessionManager/v2/partySessions/f0f1f2f3-0001/members")
    assert join.name == "POST /api/sessionManager/v2/partySessions/{session_id}/members"
    assert Call("GET", "mobile", "/api/novel/v1/thing?secret=1").name == "GET /api/novel/v1/thing"


def test_data_types_are_whole_and_said_in_words():
    assert all(name.startswith(PREFIX) and meaning for name, meaning in DATA_TYPES.items())
