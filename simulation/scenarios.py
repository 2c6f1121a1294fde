"""The main paths as lives without faults, on fixed latencies: what the tables of faults are laid over.

Together they reach every operation of every port; a new artifact adds the lives in which its operations are called.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulation.script import Act, HookFate, Outage, Raise, Script, Strike

MAIN = "acknowledged"

_LASTS_S = 900.0
_LONG_ENOUGH_S = 300.0
"""Both pagers of a chain have been tried again and again, and the rest is more of the same."""
_MAKING = ("slack.open_room", "slack.post", "zoom.make_call", "confluence.create_page", "jira.put_fields")

SCENARIOS: Mapping[str, Script] = {
    MAIN: Script(),
    "nobody acknowledges": Script(reactions=("ignore", "ack 5")),
    "nobody reacts at all": Script(reactions=("ignore",)),
    "nobody on call": Script(raises=(Raise(0.0, service="Confluence"),)),
    "service unknown": Script(raises=(Raise(0.0, service="Unknown"),)),
    "service found later": Script(raises=(Raise(0.0, service=None),), acts=(Act(60.0, "find the service"),)),
    "severity 3": Script(raises=(Raise(0.0, severity=3),)),
    "taken in Jira": Script(reactions=("take 15",)),
    "fixed in Jira": Script(reactions=("fix 20",)),
    "resolved": Script(acts=(Act(60.0, "resolve"),)),
    "resolved while it rings": Script(reactions=("ignore",), acts=(Act(60.0, "resolve"),)),
    "reopened": Script(acts=(Act(60.0, "resolve"), Act(200.0, "reopen"))),
    "raised from 3 to 2": Script(raises=(Raise(0.0, severity=3),), acts=(Act(60.0, "raise to 2"),)),
    "lowered to 3": Script(reactions=("ignore",), acts=(Act(60.0, "lower to 3"),)),
    "moved away": Script(reactions=("ignore",), acts=(Act(60.0, "move away"),)),
    "moved away and back": Script(acts=(Act(60.0, "move away"), Act(200.0, "move back"))),
    "deleted": Script(reactions=("ignore",), acts=(Act(60.0, "delete"),)),
    "a human closes the alert": Script(reactions=("close 30",)),
    "the pager holds a closed alert of long ago": Script(fates=(HookFate("jira", 1, "lost"),), long_ago="closed"),
    "pagerduty: a closed alert of long ago": Script(
        company="pagerduty", reactions=("ignore",), list_lag_s=5.0, pager_hooks=False, long_ago="closed"
    ),
    "another stage left an acknowledged alert": Script(fates=(HookFate("jira", 1, "lost"),), long_ago="left"),
    "an alert of another Jira rings": Script(fates=(HookFate("jira", 1, "lost"),), long_ago="open"),
    "webhook lost": Script(fates=(HookFate("jira", 1, "lost"),)),
    "webhook doubled": Script(fates=(HookFate("jira", 1, "doubled", 2.0),)),
    "webhook forged": Script(fates=(HookFate("jira", 1, "forged"),)),
    "webhook unreadable": Script(fates=(HookFate("jira", 1, "unreadable"),)),
    "primary pager down": Script(outages=(Outage("opsgenie", 0.0, _LASTS_S, "5xx before"),)),
    "primary pager deaf": Script(deaf=(0.0, _LONG_ENOUGH_S)),
    "a storm of 13": Script(raises=tuple(Raise(float(number)) for number in range(13))),
    "our comment removed": Script(
        raises=(Raise(0.0, service="Confluence"),), acts=(Act(60.0, "remove our comment"), Act(70.0, "resolve"))
    ),
    "comment made, and no answer": Script(
        raises=(Raise(0.0, service="Confluence"),), strikes=(Strike("jira.add_comment", 1, "timeout after"),)
    ),
    "somebody is asked for": Script(acts=(Act(60.0, "ask for somebody"), Act(200.0, "ask for nobody"))),
    "somebody is asked for, and nobody has it": Script(
        reactions=("ignore",), acts=(Act(20.0, "ask for somebody"), Act(400.0, "resolve"))
    ),
    "its manager leaves": Script(reactions=("fix 20", "ack 5"), acts=(Act(10.0, "take"), Act(90.0, "unassign"))),
    "its manager leaves and another comes": Script(
        reactions=("fix 20", "ack 5"), acts=(Act(10.0, "take"), Act(90.0, "unassign"), Act(700.0, "assign to somebody else"))
    ),
    "people meet": Script(places=True),
    "people meet, and everything changes": Script(
        places=True,
        acts=(
            Act(60.0, "rename"),
            Act(70.0, "name a tech lead"),
            Act(80.0, "name a communications manager"),
            Act(90.0, "lower to 2"),
            Act(100.0, "assign to somebody else"),
            Act(110.0, "write a link to the call"),
            Act(120.0, "leave the room"),
        ),
    ),
    "people meet, and no answer comes": Script(
        places=True, acts=(Act(400.0, "rename"),), strikes=tuple(Strike(name, 1, "timeout after") for name in _MAKING)
    ),
    "people meet, and a label is missing": Script(places=True, strikes=(Strike("confluence.create_page", 1, "a part of it"),)),
    "people meet, and take it all away": Script(
        places=True,
        acts=(
            Act(20.0, "archive the room"),
            Act(21.0, "trash the page"),
            Act(22.0, "delete the call"),
            Act(23.0, "empty the links"),
            Act(60.0, "rename"),
        ),
    ),
    "people meet, and open their room again": Script(
        places=True,
        acts=(
            Act(60.0, "archive the room"),
            Act(1000.0, "rename"),
            Act(1100.0, "open the room again"),
            Act(1900.0, "name a tech lead"),
        ),
    ),
    "people meet, and it is resolved": Script(places=True, acts=(Act(60.0, "resolve"),)),
    "people meet in private": Script(places=True, acts=(Act(0.0, "make it private"), Act(60.0, "rename"))),
    "people are told": Script(
        places=True,
        telling=True,
        acts=(
            Act(20.0, "order an update"),
            Act(30.0, "say that customers notice"),
            Act(40.0, "order an outage"),
            Act(120.0, "edit the order"),
            Act(130.0, "name the products"),
            Act(140.0, "somebody else orders"),
            Act(240.0, "resolve"),
        ),
        strikes=(Strike("statuspage.open", 2, "timeout after"),),
    ),
    "an incident is counted": Script(
        counted=True,
        acts=(
            Act(20.0, "say that it was detected too early"),
            Act(40.0, "say when it began"),
            Act(60.0, "resolve"),
            Act(70.0, "correct the detection"),
        ),
        rollup_offset_s=65.0,
    ),
    "default assignee": Script(raises=(Raise(0.0, assignee="default"),)),
    "acknowledged by somebody known by an id": Script(company="one pager"),
    "acknowledged by somebody unknown": Script(company="two imoc rosters", raises=(Raise(0.0, service="Unknown"),)),
    "unassigned after it was acknowledged": Script(acts=(Act(30.0, "unassign"), Act(35.0, "reopen"))),
    "assigned to somebody else at the same moment": Script(acts=(Act(6.8, "assign to somebody else"),)),
    "pagerduty: acknowledged": Script(company="pagerduty"),
    "pagerduty: without its webhooks": Script(company="pagerduty", pager_hooks=False),
    "pagerduty: nobody acknowledges": Script(company="pagerduty", reactions=("ignore", "ack 5")),
    "pagerduty: taken in Jira": Script(company="pagerduty", reactions=("take 15",)),
    "pagerduty: our acknowledgement runs out": Script(
        company="pagerduty", reactions=("take 15",), acts=(Act(200.0, "acknowledgements run out"),), pager_hooks=False
    ),
    "pagerduty: resolved while it rings": Script(company="pagerduty", reactions=("ignore",), acts=(Act(60.0, "resolve"),)),
    "two IMOC rosters, nobody reacts": Script(company="two imoc rosters", reactions=("ignore",)),
}
