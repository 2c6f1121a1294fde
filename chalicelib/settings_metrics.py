"""[metrics] of firebell.toml, and the fields of Jira that hold times and durations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.durations import TimeFields, Unit
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


def read_metrics(top: Table, fields: Table, schema: IncidentSchema, hours: Mapping[str, BusinessHours]) -> MetricsSettings:
    """fields: the table [jira.fields]."""
    metrics = top.table("metrics")
    named = metrics.name("hours", hours, "table [hours.<name>]") if "hours" in metrics.values else None
    metrics.raw("hours")
    written = {name: fields.text(name, shape=FIELD_ID) or None for name in ("ttr", "ttd", "ttr_text", "ttd_text")}
    unit = metrics.choice("unit", tuple(unit.value for unit in Unit), Unit.MINUTES.value)
    times = TimeFields(
        schema.impact_started_field,
        schema.detected_field,
        schema.impact_ended_field,
        **written,
        unit=Unit(unit or Unit.MINUTES),
    )
    return MetricsSettings(times, hours[named] if named else None, metrics.flag("names"))
