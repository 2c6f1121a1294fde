"""What Firebell changes on an issue, and whom it looks up to do so: assignee, status, fields, people. Jira Cloud's ways.

A refusal that lasts is an answer here, not an error: there is nothing to try again, and somebody has to be told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from chalicelib.adapters.jira_json import field_json, transitions_in
from chalicelib.adapters.jira_session import VENDOR, JiraRefusal, JiraSession
from chalicelib.domain.incident import IssueId, Person, Status
from chalicelib.errors import TemporaryError
from chalicelib.intake.jira_meaning import look_up
from chalicelib.intake.jira_values import read_people
from chalicelib.ports.tickets import FieldValue, Moved, NotMoved, Put, Refused

IDS_AT_ONCE = 50
"""Account ids in one look-up: ids have up to 128 characters, and addresses of requests are not endless."""


class JiraEdits(JiraSession):
    """Changes are safe to repeat: each says what should be, not what to add."""

    def _connect(self, *connection: Any, by_proxy: bool) -> None:
        super()._connect(*connection, by_proxy=by_proxy)
        self._loud: set[IssueId] = set()
        """Issues in whose project we may not keep people from being notified; found out once in the life of a process."""

    def assign(self, issue_id: IssueId, person: Person | None) -> Refused | None:
        try:
            body = self._user(person) if person else self._nobody()
            self._write("assign", "PUT", f"issue/{issue_id}/assignee", body)
        except JiraRefusal as refusal:
            return Refused(refusal.words)
        return None

    def move_to(self, issue_id: IssueId, status: Status) -> Moved | NotMoved:
        path = f"issue/{issue_id}/transitions"
        query = {"expand": "transitions.fields"}
        all_of_them = self._call("move_to", "GET", path, lambda answer: tuple(transitions_in(answer)), query=query)
        offered = tuple(map(str, all_of_them))
        leading = [one for one in all_of_them if look_up(one.to, self._schema.statuses) is status]
        if not leading:
            return NotMoved(f"no transition leads to a status that means {status.value}", offered)
        chosen = min(leading, key=lambda one: len(one.needs))
        if chosen.needs:
            return NotMoved(f'the transition "{chosen.name}" asks for {", ".join(chosen.needs)}', offered, chosen.needs)
        try:
            self._write("move_to", "POST", path, {"transition": {"id": chosen.id}})
        except JiraRefusal as refusal:
            return NotMoved(refusal.words, offered)
        return Moved(chosen.name, chosen.to.name)

    def put_fields(self, issue_id: IssueId, fields: Mapping[str, FieldValue], *, quiet: bool = True) -> Put:
        """Jira takes all of a PUT or nothing, and says of which fields it is to blame: the others are put without them."""
        wanted = {name: field_json(value, self._user) for name, value in fields.items()}
        refused: dict[str, str] = {}
        while wanted:
            try:
                is_quiet = self._put(issue_id, wanted, quiet=quiet)
            except JiraRefusal as refusal:
                to_blame = {name: why for name, why in refusal.errors.items() if name in wanted}
                if not to_blame:
                    raise refusal.plain from None
                refused |= to_blame
                wanted = {name: value for name, value in wanted.items() if name not in to_blame}
            else:
                return Put(tuple(wanted), refused, is_quiet)
        return Put((), refused)

    def find_people(self, mail: str) -> tuple[Person, ...]:
        """Cloud matches beginnings of names and addresses, and shows active accounts only."""
        return self._search_people(mail, {"query": mail, "maxResults": "50"})

    def people(self, account_ids: Collection[str]) -> Mapping[str, Person]:
        found: dict[str, Person] = {}
        wanted = list(dict.fromkeys(account_ids))
        for start in range(0, len(wanted), IDS_AT_ONCE):
            # Without maxResults only the first ten come back, whatever was asked.
            some = wanted[start : start + IDS_AT_ONCE]
            query: dict[str, str | list[str]] = {"accountId": some, "maxResults": str(IDS_AT_ONCE)}
            people = self._call("people", "GET", "user/bulk", lambda answer: read_people(list(answer["values"])), query=query)
            found |= {person.account_id: person for person in people}
        return found

    def groups_of(self, account_id: str) -> frozenset[str]:
        def take(answer: Any) -> frozenset[str]:
            if not isinstance(answer, list):
                raise TypeError("no list of groups")
            return frozenset(str(group["name"]) for group in answer)

        try:
            return self._try("groups_of", "GET", "user/groups", take, query={"accountId": account_id})
        except JiraRefusal as refusal:
            if refusal.status == 404:
                return frozenset()
            raise refusal.plain from None

    def _search_people(self, mail: str, query: Mapping[str, str | list[str]]) -> tuple[Person, ...]:
        def take(answer: Any) -> tuple[Person, ...]:
            if not isinstance(answer, list):
                raise TypeError("no list of people")
            return read_people(answer)

        people = [person for person in self._call("find_people", "GET", "user/search", take, query=query) if person.active]
        showing = tuple(person for person in people if (person.email or "").casefold() == mail.strip().casefold())
        return showing or tuple(person for person in people if person.email is None)

    def _put(self, issue_id: IssueId, fields: Mapping[str, Any], *, quiet: bool) -> bool:
        """Whether it was quiet."""
        quiet = quiet and issue_id not in self._loud
        try:
            self._write(
                "put_fields", "PUT", f"issue/{issue_id}", {"fields": fields}, {"notifyUsers": "false"} if quiet else None
            )
        except TemporaryError as error:
            # Keeping people out of it needs an administrator of Jira or of the project; Jira refuses the whole edit of
            # anybody else, in the words of whatever language the account has. So we ask for our rights instead.
            if not quiet or not error.message.startswith("403") or self._may_be_quiet(issue_id):
                raise
            self._loud.add(issue_id)
            return self._put(issue_id, fields, quiet=False)
        return quiet

    def _may_be_quiet(self, issue_id: IssueId) -> bool:
        def take(answer: Any) -> bool:
            return any(bool(right["havePermission"]) for name, right in answer["permissions"].items() if name in _RIGHTS)

        query = {"permissions": ",".join(_RIGHTS), "issueId": issue_id}
        return self._call("put_fields", "GET", "mypermissions", take, query=query)

    def _write(self, operation: str, method: str, path: str, body: object, query: Mapping[str, str] | None = None) -> None:
        """A change that Jira answers with no body. Raises JiraRefusal when the change itself is wrong (400).

        Two edits at the same moment (409) are worth another try.
        """
        try:
            self._try(operation, method, path, _nothing, query=query, body=body)
        except JiraRefusal as refusal:
            if refusal.status == 409:
                raise TemporaryError(VENDOR, operation, refusal.plain.message) from None
            if refusal.status != 400:
                raise refusal.plain from None
            raise

    def _user(self, person: Person) -> dict[str, str | None]:
        return {"accountId": person.account_id}

    def _nobody(self) -> dict[str, str | None]:
        return {"accountId": None}


_RIGHTS = ("ADMINISTER", "ADMINISTER_PROJECTS")


def _nothing(answer: object) -> None:
    if answer is not None:
        raise ValueError("an answer where none belongs")
