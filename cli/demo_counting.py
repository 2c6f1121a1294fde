"""The last part of the demo: how long it took, in the issue's own fields, and what incidents add up to."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.company import MIA
from sandbox.jira.model import JiraIssue
from sandbox.jira.records import jira_time
from sandbox.jira.schema import DETECTED, ENDED, STARTED, TTD_TEXT, TTR_TEXT

if TYPE_CHECKING:
    from cli.demo import Demo

BEFORE = timedelta(minutes=5)
"""How long the impact had lasted when somebody raised the incident."""


class Counting:
    """The scenes of an incident that is over."""

    def __init__(self, demo: Demo, issue: JiraIssue) -> None:
        self._demo, self._issue, self._model = demo, issue, demo.stack.company.jira_model

    def told(self) -> None:
        """A human says when it began; the rest follows."""
        issue, fields = self._issue, self._issue.fields
        self._demo.scene(f"{issue.key}: {MIA.name} says when its impact began")
        began = issue.created - BEFORE
        self._model.set_field(issue, STARTED, jira_time(began), MIA)
        self._demo.wait(lambda: bool(fields.get(TTR_TEXT)) and bool(fields.get(TTD_TEXT)))
        for field, what in ((STARTED, "impact began"), (DETECTED, "detected"), (ENDED, "impact ended")):
            self._say("times", f"{what}: {fields[field]}")
        self._say("times", f"time to detect {fields[TTD_TEXT]}, time to recover {fields[TTR_TEXT]}", "green")
        kept = fields[STARTED] == jira_time(began) and fields[TTD_TEXT] == "5 min"
        self._demo.promise(
            "what a human entered stays, and the rest is computed", kept, f"TTD {fields[TTD_TEXT]}, TTR {fields[TTR_TEXT]}"
        )

    def counted(self) -> None:
        """The hourly rollup, now."""
        from chalicelib import bootstrap_metrics
        from chalicelib.metrics import layout

        ran = bootstrap_metrics.rollup()
        store = bootstrap_metrics.fact_store(patient=True)
        period = layout.figures_key(ran.months[-1], "json")
        figures = json.loads(store.get(period) or b"{}")
        whole = next(one for one in figures["figures"] if (one["by"], one["metric"]) == ("all", "time_to_page"))
        self._say("figures", f"{whole['incidents']} incidents in {ran.months[-1]}; median time to page {whole['median']:.1f} s")
        incidents = [issue for issue in self._model.issues.values() if issue.issue_type == "Incident"]
        self._demo.promise(
            "every incident is one row, whatever happened to it",
            whole["incidents"] == len(incidents),
            f"{whole['incidents']} rows",
        )

    def _say(self, what: str, text: str, colour: str = "white") -> None:
        self._demo.log.say(self._issue.key, what, text, colour)
