"""Who has a role in an incident, and what chat calls them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from chalicelib.domain.incident import Incident, Person
from chalicelib.domain.people import MANAGER, PeopleTable, Told, Unmatched, completed, match
from chalicelib.domain.rich_text import Mention, Piece, Strong
from chalicelib.errors import IntegrationError, PermanentError, TemporaryError
from chalicelib.ports.chat import Chat
from chalicelib.ports.world import Together

AT_ONCE = 10
"""People looked up at the same time: as many connections as a session keeps."""

PATIENCE = 3
"""Failures that may pass before the others are left to the next try: each may have cost a whole time-out."""


def holders(incident: Incident, role: str, default_assignees: Collection[str] = ()) -> tuple[Person, ...]:
    """People, in the order of the field. A default assignee is nobody, and so is a program, or an account switched off."""
    people = incident.roles.get(role, ())
    if role == MANAGER:
        manager = incident.assignee
        people = (manager,) if manager is not None and manager.account_id not in default_assignees else ()
    return tuple(person for person in people if person.is_human and person.active)


def everybody_named(incident: Incident) -> Iterator[Person]:
    """Whoever the issue itself tells of."""
    yield from (change.by for change in incident.changes if change.by is not None)
    yield from (person for people in incident.roles.values() for person in people)
    yield from (person for person in (incident.reporter, incident.assignee) if person is not None)


@dataclass(frozen=True, slots=True)
class ChatPeople:
    """Asks chat for each person once in a process: whoever was found keeps their id. Safe to use from several threads."""

    chat: Callable[[], Chat]
    table: PeopleTable
    together: Together
    _found: dict[tuple[str, ...], str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def find(self, who: Told) -> str | Unmatched:
        """Chat's id of them. Raises what chat raises."""
        known = completed(who, self.table)
        if known.slack_id:
            return known.slack_id
        row = self.table.row_of(who)
        mails = tuple(dict.fromkeys(mail for mail in (known.mail, *(row.mails if row else ())) if mail))
        if mails in self._found:
            return self._found[mails]
        for mail in mails:
            if (user_id := self.chat().find_user_by_mail(mail)) is not None:
                self._found[mails] = user_id
                return user_id
        unmatched = match(who, (), self.table, at=self.chat().name.capitalize())
        assert isinstance(unmatched, Unmatched)
        return unmatched

    def mention(self, who: Told) -> Piece:
        """By name who cannot be matched; the members' artifact says why."""
        try:
            found = self.find(who)
        except PermanentError:
            return Strong(str(who))
        except TemporaryError as error:
            if not error.out_of_service:
                raise
            return Strong(str(who))
        return Strong(str(who)) if isinstance(found, Unmatched) else Mention(found)

    def find_all(self, people: Sequence[Told]) -> dict[Told, str | Unmatched | IntegrationError]:
        """Several at a time: chat's ids, or why not. Whoever is missing was not asked for, because too many failed before."""
        found: dict[Told, str | Unmatched | IntegrationError] = {}

        def look_up(who: Told) -> None:
            try:
                found[who] = self.find(who)
            except IntegrationError as error:
                found[who] = error

        for start in range(0, len(people), AT_ONCE):
            self.together.run([partial(look_up, who) for who in people[start : start + AT_ONCE]])
            if sum(isinstance(one, TemporaryError) for one in found.values()) >= PATIENCE:
                break
        return found
