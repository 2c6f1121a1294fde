"""Whom a comment mentions, by name: Jira writes account ids there, and people read names."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from chalicelib.artifacts.chat_people import everybody_named
from chalicelib.domain.incident import Incident
from chalicelib.domain.wiki_text import Names, mentioned
from chalicelib.errors import IntegrationError, TemporaryError
from chalicelib.ports.tickets import Tickets


class Mentioned:
    """Asks for each account once, and only for those that neither the issue nor an earlier reading names.

    known: by earlier readings. trouble: why Jira could not say, where it may later; then nobody else is asked for.
    """

    def __init__(self, tickets: Tickets, incident: Incident, known: Iterable[Names] = ()) -> None:
        self._tickets = tickets
        self._names = {person.account_id: person.name for person in everybody_named(incident)} | dict(chain(*known))
        self._asked: set[str] = set()
        self.trouble: TemporaryError | None = None

    def names_in(self, text: str, told: Names = ()) -> Names:
        """told: what people in it have been called already, and still are."""
        wanted = mentioned(text)
        self._ask([one for one in wanted if one not in self._names and one not in self._asked])
        names = self._names | dict(told)
        return tuple(sorted((one, names[one]) for one in wanted if one in names))

    def _ask(self, account_ids: list[str]) -> None:
        if not account_ids or self.trouble is not None:
            return
        self._asked |= set(account_ids)
        try:
            found = self._tickets.people(account_ids)
        except TemporaryError as error:
            if not error.out_of_service:  # else it does not show us people: "somebody" is as much as we can say
                self.trouble = error
        except IntegrationError:
            return
        else:
            self._names |= {account_id: person.name for account_id, person in found.items()}
