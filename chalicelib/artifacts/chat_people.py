"""Who has a role in an incident, and what chat calls them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from chalicelib.domain.incident import Incident, Person
from chalicelib.domain.people import MANAGER, PeopleTable, Told, Unmatched, completed, match
from chalicelib.ports.chat import Chat


def holders(incident: Incident, role: str, default_assignees: Collection[str] = ()) -> tuple[Person, ...]:
    """People, in the order of the field. A default assignee is nobody, and so is a program."""
    if role != MANAGER:
        return tuple(person for person in incident.roles.get(role, ()) if person.is_human)
    manager = incident.assignee
    if manager is None or not manager.is_human or manager.account_id in default_assignees:
        return ()
    return (manager,)


@dataclass(frozen=True, slots=True)
class ChatPeople:
    """Asks chat for each address once in a process: whoever was found keeps their id. Safe to use from several threads."""

    chat: Callable[[], Chat]
    table: PeopleTable
    _found: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def find(self, who: Told) -> str | Unmatched:
        """Chat's id of them. Raises what chat raises."""
        known = completed(who, self.table)
        if known.slack_id:
            return known.slack_id
        row = self.table.row_of(who)
        mails = [mail for mail in (known.mail, *(row.mails if row else ())) if mail]
        for mail in dict.fromkeys(mails):
            if (user_id := self._by_mail(mail)) is not None:
                return user_id
        unmatched = match(who, (), self.table, at=self.chat().name.capitalize())
        assert isinstance(unmatched, Unmatched)
        return unmatched

    def _by_mail(self, mail: str) -> str | None:
        found: Mapping[str, str] = self._found
        user_id = found.get(mail) or self.chat().find_user_by_mail(mail)
        if user_id is not None:
            self._found[mail] = user_id
        return user_id
