"""What administrators made of a Jira: its fields, and the statuses and severities that mean nothing to us.

Asked when settings are checked, never while an incident runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from chalicelib.adapters.jira_session import JiraSession
from chalicelib.domain.incident import IssueId
from chalicelib.intake.jira_meaning import severity_of, status_of


class JiraDescribed(JiraSession):
    def fields(self) -> Mapping[str, str]:
        """Every field that the account can see: its id -> the type of what it holds, of one where it holds several.

        Source: https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issue-fields/
        """
        return self._call("fields", "GET", "field", lambda answer: {str(one["id"]): _type_of(one) for one in answer})

    def doubts_about_statuses(self, project: str) -> tuple[str, ...]:
        """One sentence for each status that an incident of the project can have, and that means nothing to us."""
        types = {one.casefold() for one in self._schema.issue_types}

        def take(answer: Any) -> tuple[str, ...]:
            kinds = (kind for kind in answer if {str(kind["name"]).casefold(), str(kind["id"])} & types)
            doubts = (status_of(status, self._schema)[2] for kind in kinds for status in kind["statuses"])
            return tuple(dict.fromkeys(doubt for doubt in doubts if doubt))

        return self._call("statuses", "GET", f"project/{quote(project, safe='')}/statuses", take)

    def doubts_about_severities(self, issue_id: IssueId) -> tuple[str, ...] | None:
        """One sentence for each severity that this incident can get, and that means nothing to us.

        None: Jira does not say which there are, as where the field is not on the edit screen.
        Source: https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/ (editmeta)
        """

        def take(answer: Any) -> tuple[str, ...] | None:
            options = answer["fields"].get(self._schema.severity_field, {}).get("allowedValues")
            if not options:
                return None
            return tuple(doubt for option in options if (doubt := severity_of(option, self._schema)[1]))

        return self._call("severities", "GET", f"issue/{issue_id}/editmeta", take)


def _type_of(field: Mapping[str, Any]) -> str:
    """ "" for what Jira gives no type, as for the issue's key."""
    schema = field.get("schema") or {}
    return str(schema.get("items") or schema.get("type") or "")
