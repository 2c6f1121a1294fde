"""Run every recorded webhook of a folder through its parser and count what came out.

`python -m bench.payloads DIR` reads the files below DIR/jira, DIR/opsgenie, DIR/jsm and DIR/pagerduty. Jira's are read
twice: with a schema that matches nothing, and with one made from each file's own project and issue type, so that
everything with an issue counts as an incident. Exit status 1 if anything came out but an event or one of our errors.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chalicelib.domain.schema import IncidentSchema
from chalicelib.errors import IgnoredEvent, UnreadableEvent
from chalicelib.intake.jira_event import parse_jira_event
from chalicelib.intake.pager_events import parse_opsgenie_event, parse_pagerduty_event

_PROJECT = re.compile(r"project \S+")
BROKEN = "BROKEN"
"""How an outcome begins that must not be."""


def main(folder: Path) -> int:
    """Print the counts; return the exit status."""
    broken = 0
    for title, vendor, outcome_of in _RUNS:
        files = sorted(path for path in (folder / vendor).rglob("*") if path.is_file())
        outcomes = Counter(_guarded(outcome_of, path) for path in files)
        broken += sum(count for outcome, count in outcomes.items() if outcome.startswith(BROKEN))
        print(f"{title}: {len(files)} files")
        for outcome, count in outcomes.most_common():
            print(f"{count:6}  {outcome}")
    return 1 if broken else 0


def a_schema(projects: set[str], issue_types: set[str], severity_field: str, service_field: str) -> IncidentSchema:
    return IncidentSchema(
        site="https://example.atlassian.net",
        projects=frozenset(projects),
        issue_types=frozenset(issue_types),
        severity_field=severity_field,
        service_field=service_field,
        products_field="components",
    )


def schema_matching(event: Mapping[str, Any]) -> IncidentSchema:
    """A schema by which the event's own issue is an incident; its first select field plays the severity."""
    issue = _object(event.get("issue")) or event
    fields = _object(issue.get("fields"))
    project, kind = _object(fields.get("project")), _object(fields.get("issuetype"))
    projects = {str(issue.get("key", "")).rpartition("-")[0], str(project.get("key", ""))}
    kinds = {str(kind[member]) for member in ("id", "name") if member in kind} or {str(fields.get("issuetype"))}
    selects = [name for name, value in fields.items() if isinstance(value, dict) and "value" in value]
    return a_schema(projects, kinds, selects[0] if selects else "priority", "components")


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _jira_of_others(body: bytes) -> str:
    return _jira(body, a_schema({"NONE-OF-THEM"}, {"none of them"}, "customfield_1", "customfield_2"))


def _jira_of_ours(body: bytes) -> str:
    try:
        event = _object(json.loads(body))
    except (ValueError, RecursionError):  # what the parser makes of it is the question
        event = {}
    return _jira(body, schema_matching(event))


def _jira(body: bytes, schema: IncidentSchema) -> str:
    event = parse_jira_event(body, {}, schema)
    if event.snapshot is None:
        return f"doorbell ({event.cause}) without a snapshot: {event.no_snapshot.replace(event.issue_id, '<id>')}"
    return f"incident ({event.cause})"


def _opsgenie(body: bytes) -> str:
    return f"page {parse_opsgenie_event(body, '').action}"


def _pagerduty(body: bytes) -> str:
    return f"page {parse_pagerduty_event(body, '').action}"


_RUNS: tuple[tuple[str, str, Callable[[bytes], str]], ...] = (
    ("jira, nothing is an incident", "jira", _jira_of_others),
    ("jira, everything is an incident", "jira", _jira_of_ours),
    ("opsgenie", "opsgenie", _opsgenie),
    ("jsm", "jsm", _opsgenie),
    ("pagerduty", "pagerduty", _pagerduty),
)


def _guarded(outcome_of: Callable[[bytes], str], path: Path) -> str:
    try:
        return outcome_of(path.read_bytes())
    except IgnoredEvent as error:
        return f"ignored: {_PROJECT.sub('another project', str(error))}"
    except UnreadableEvent as error:
        return f"unreadable: {error}"
    except Exception as error:  # noqa: BLE001  finding such errors is what this tool is for
        return f"{BROKEN} {path.name}: {error!r}"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bench.payloads DIR")
    sys.exit(main(Path(sys.argv[1])))
