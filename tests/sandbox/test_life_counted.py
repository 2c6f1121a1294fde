"""One incident on the embedded stack, as it is counted: its times in Jira, its row in the bucket, its share in the figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from chalicelib import bootstrap_metrics
from chalicelib.metrics import layout
from chalicelib.metrics.facts import month_of
from chalicelib.metrics.rows import read_sighting
from chalicelib.ports.fact_store import FactStore
from sandbox import company as companies
from sandbox.jira.model import JiraIssue
from sandbox.jira.schema import DETECTED, DETECTED_BY, ENDED, STARTED, TTD, TTD_TEXT, TTR, TTR_TEXT
from sandbox.lambdas import SCHEDULE_EVENT, Context
from sandbox.stack import Stack, running
from tests.reconcile.small_world import FakeLog
from tests.sandbox.test_life_told import FAST, wait_for


def in_jira(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "+0000")


@contextmanager
def a_resolved_incident() -> Iterator[tuple[Stack, JiraIssue]]:
    """Its impact began five minutes before it was raised, and it was resolved at once."""
    with running(log=FakeLog()) as stack:
        model = stack.company.jira_model
        issue = model.create_incident(companies.EMMA, "Checkout is down", severity=1, products=("Payments",))
        model.set_field(issue, STARTED, in_jira(issue.created - timedelta(minutes=5)), companies.EMMA)
        model.set_field(issue, DETECTED_BY, {"id": "1", "value": "Alarm"}, companies.EMMA)
        model.assign(issue, companies.MIA, companies.MIA)
        model.transition(issue, "Resolved", companies.MIA, "Done")
        wait_for(lambda: issue.fields[TTR] is not None, "the time to recover")
        wait_for(stack.is_idle, "rest")
        yield stack, issue
        assert stack.errors == []
        assert [violation for emulator in stack.company.emulators for violation in emulator.violations] == []


def rolled_up(store: FactStore) -> list[Any]:
    """The rows of this month."""
    import app

    app.rollup(dict(SCHEDULE_EVENT), Context())
    [key] = store.keys(layout.INCIDENTS)
    return [read_sighting(line) for line in layout.unpacked(store.get(key) or b"")]


def test_times_and_durations_are_in_their_fields():
    with a_resolved_incident() as (_, issue):
        assert issue.fields[DETECTED] == in_jira(issue.created)
        assert issue.fields[ENDED] is not None
        assert 5 <= issue.fields[TTR] < 7
        assert issue.fields[TTD] == 5
        assert issue.fields[TTR_TEXT] == f"{int(issue.fields[TTR])} min"
        assert issue.fields[TTD_TEXT] == "5 min"


def test_it_is_one_row_and_counts_in_the_figures():
    with a_resolved_incident() as (stack, issue):
        store = bootstrap_metrics.fact_store()
        [seen] = rolled_up(store)
        assert (seen.key, seen.severity, seen.detected_by, seen.products) == ("HOT-1", 1, "Alarm", ("Payments",))
        assert (seen.defaulted, seen.manager) == (("detected", "impact_ended"), "")
        assert seen.paged_at is None or seen.paged_at >= seen.created_at
        figures = json.loads(store.get(layout.figures_key(month_of(issue.created), "json")) or b"")
        assert figures["figures"], stack.url
        assert list(store.keys(layout.INBOX)) == []


def test_once_settled_nothing_is_written_any_more():
    with a_resolved_incident() as (stack, issue):
        store = bootstrap_metrics.fact_store()
        versions, histories = list(store.keys(layout.INBOX)), len(issue.histories)
        later = stack.clock.now() + timedelta(minutes=3)
        stack.clock.run_at(FAST)
        wait_for(lambda: stack.clock.now() > later, "three sweeps")
        wait_for(stack.is_idle, "rest")
        assert (list(store.keys(layout.INBOX)), len(issue.histories)) == (versions, histories)
