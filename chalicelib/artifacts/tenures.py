"""Who has had which role in an incident, and since when. Pure.

Jira's history tells of managers; of the other roles the records of what was said in the room do (see `roles`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.chat_people import everybody_named, holders
from chalicelib.artifacts.roles import KIND
from chalicelib.domain.incident import Incident
from chalicelib.domain.people import MANAGER, PeopleTable, Told

SOMEBODY = "somebody"


@dataclass(frozen=True, slots=True)
class Tenure:
    """until: None while they have the role."""

    account_id: str
    since: datetime
    until: datetime | None = None


def tenures(role: str, scene: Scene, default_assignees: Collection[str] = ()) -> tuple[Tenure, ...]:
    """In the order in which they got the role. Nobody is there who is a default assignee, or known to be a program."""
    points = _managers(scene.incident) if role == MANAGER else _told(role, scene)
    now = frozenset(person.account_id for person in holders(scene.incident, role, default_assignees))
    programs = frozenset(person.account_id for person in everybody_named(scene.incident) if not person.is_human)
    nobody = programs.union(default_assignees)
    return tuple(_runs([*((at, ids - nobody) for at, ids in points), (scene.now, now)]))


def names_of(account_ids: Iterable[str], incident: Incident, table: PeopleTable) -> tuple[str, ...]:
    """As the issue calls them, else the company's table; "somebody" whose name nobody knows any more. Each once."""
    known: Mapping[str, str] = {person.account_id: person.name for person in everybody_named(incident)}
    return tuple(dict.fromkeys(known.get(one) or _in_table(one, table) for one in account_ids))


def _in_table(account_id: str, table: PeopleTable) -> str:
    row = table.row_of(Told(account_id=account_id))
    return row.name if row is not None else SOMEBODY


def _managers(incident: Incident) -> Iterator[tuple[datetime, frozenset[str]]]:
    """From when on it was assigned to whom."""
    given = [change for change in incident.changes if change.what == "assignee"]
    current = incident.assignee.account_id if incident.assignee is not None else None
    first = given[0].old if given else current
    yield incident.created_at, _one(first)
    yield from ((change.at, _one(change.new)) for change in given)


def _one(account_id: str | None) -> frozenset[str]:
    return frozenset({account_id} if account_id is not None else ())


def _told(role: str, scene: Scene) -> Iterator[tuple[datetime, frozenset[str]]]:
    """What the room was told, the first first; what is being said just now is not known yet."""
    about = [name for name in scene.records if name.rpartition(":")[0] == f"{KIND}:{role}"]
    for name in sorted(about, key=lambda one: int(one.rpartition(":")[2])):
        record = scene.records[name]
        if record.made_at is not None and record.fingerprint:
            yield record.made_at, frozenset(json.loads(record.fingerprint))


def _runs(points: Sequence[tuple[datetime, frozenset[str]]]) -> Iterator[Tenure]:
    """points: who had it from when on, the last one who has it now."""
    found: list[Tenure] = []
    running: dict[str, datetime] = {}
    for at, ids in points:
        found += [Tenure(gone, running.pop(gone), at) for gone in list(running) if gone not in ids]
        running |= dict.fromkeys(sorted(ids - running.keys()), at)
    found += [Tenure(one, since) for one, since in running.items()]
    yield from sorted(found, key=lambda one: one.since)
