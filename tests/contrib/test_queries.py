"""The queries of contrib/, read with Prometheus' grammar and held against what `/metrics` answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from common.files.paths import CHECKOUT
from common.messages import AuthState, Problem, PushState, Recording, Speaking
from tests.workers.dashboard.test_metrics import BO, full
from tests.workers.dashboard.test_state import note
from workers.dashboard import metrics

CONTRIB = CHECKOUT / "contrib"
OF_PROMETHEUS = {"instance", "job"}
"""Labels that Prometheus adds."""
UP = {"up": set[str]()}
"""Its own metric, for each target."""
LABEL = re.compile(r"\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}")


@dataclass(frozen=True)
class Query:
    where: str
    expression: str
    told: str
    """What names labels of its result: a legend, or the words of an alert."""


def panels() -> Iterator[Query]:
    for panel in json.loads((CONTRIB / "grafana" / "partyline.json").read_text("utf-8"))["panels"]:
        for target in panel["targets"]:
            yield Query(panel["title"], target["expr"], target["legendFormat"])


def alerts() -> Iterator[Query]:
    for group in yaml.safe_load((CONTRIB / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"]:
        for rule in group["rules"]:
            yield Query(rule["alert"], rule["expr"], " ".join(rule["annotations"].values()))


QUERIES = (*panels(), *alerts())


def answered() -> dict[str, set[str]]:
    """Return metric → its labels, of a pipeline in which everything is there."""
    state = note(
        full(),
        AuthState(state="signed_in", realm="simulator"),
        PushState(connected=True),
        Recording(state="recording"),
        Speaking(account_id=BO.account_id, platform=BO.platform, speaking=True, at=1.0),
        Problem(worker="media", code="media.late-ticks", message="m", remedy="r", at=1.0),
    )
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(metrics.text(state, 100.0, {}).decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def selectors(expression: promql_parser.Expr) -> list[promql_parser.VectorSelector]:
    found: list[promql_parser.VectorSelector] = []

    def visit(node: promql_parser.Expr) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        return True

    promql_parser.walk(expression, visit)
    return found


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.where)
def test_a_query_asks_for_metrics_and_labels_that_there_are(query: Query) -> None:
    there = {**answered(), **UP}
    asked = selectors(promql_parser.parse(query.expression))
    assert asked
    for one in asked:
        assert one.name in there
        assert {matcher.name for matcher in one.matchers.matchers} <= there[one.name] | OF_PROMETHEUS, one.name
    assert set(LABEL.findall(query.told)) <= set.union(*(there[one.name] for one in asked)) | OF_PROMETHEUS


def test_every_panel_and_alert_has_a_name_of_its_own() -> None:
    assert len({query.where for query in alerts()}) == len(list(alerts()))
    ids = [panel["id"] for panel in json.loads((CONTRIB / "grafana" / "partyline.json").read_text("utf-8"))["panels"]]
    assert len(set(ids)) == len(ids)


def test_a_metric_that_is_not_there_is_found() -> None:
    (one,) = selectors(promql_parser.parse('rate(partyline_gone_total{instance="x"}[1m]) > 1'))
    assert one.name not in answered()
