"""[metrics] of firebell.toml, and the fields of Jira that hold times and durations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.artifacts.impact_times import TimeFields
from chalicelib.domain.durations import Unit
from chalicelib.domain.routing import BusinessHours
from chalicelib.domain.schema import IncidentSchema
from chalicelib.settings_jira import FIELD_ID
from chalicelib.settings_table import Table


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """times: fields of the issue. hours: in which an incident counts as raised in hours; None: always.

    with_names: facts and the report say who managed what.
    """

    times: TimeFields = field(default_factory=TimeFields)
    hours: BusinessHours | None = None
    with_names: bool = False


def read_metrics(top: Table, schema: IncidentSchema, hours: Mapping[str, BusinessHours]) -> MetricsSettings:
    metrics, fields = top.table("metrics"), top.table("jira").table("fields")
    named = metrics.name("hours", hours, "table [hours.<name>]") if "hours" in metrics.values else None
    times = TimeFields(
        schema.impact_started_field,
        schema.detected_field,
        schema.impact_ended_field,
        ttr=fields.text("ttr", shape=FIELD_ID) or None,
        ttd=fields.text("ttd", shape=FIELD_ID) or None,
        ttr_text=fields.text("ttr_text", shape=FIELD_ID) or None,
        ttd_text=fields.text("ttd_text", shape=FIELD_ID) or None,
        unit=Unit(metrics.choice("unit", tuple(unit.value for unit in Unit), Unit.MINUTES.value) or Unit.MINUTES),
    )
    return MetricsSettings(times, hours.get(named or ""), metrics.flag("names"))
