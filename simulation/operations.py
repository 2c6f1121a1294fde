"""The one table of port operations: whom each calls, what a 404 means there, and what "a part of it" is.

A new artifact adds its port's operations here; faults, coverage and campaigns follow from this table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from simulation.faults import AWS_FAULTS, ERROR_AFTER, HTTP_FAULTS, PART, REFUSED, SAYS_WHEN, SENT_TWICE, Fault

RAISES = "PermanentError"
AGAIN = "TemporaryError"


@dataclass(frozen=True)
class Operation:
    """system: who is called ("opsgenie", "ledger"). method: of the port. writes: whether it changes anything there.

    missing: what the adapter makes of a 404, as the name of a rule in `ports`. part: what "a part of it" is, "" if nothing.
    conflict: the error that it makes of a 409. believed: an error that it answers means that nothing was done, and
    no answer is AnswerLost: nobody can look. says_when: it may say when to come again.
    """

    system: str
    method: str
    writes: bool = False
    missing: str = RAISES
    part: str = ""
    conflict: str = RAISES
    believed: bool = False
    says_when: bool = True

    @cached_property
    def name(self) -> str:
        return f"{self.system}.{self.method}"

    @cached_property
    def is_aws(self) -> bool:
        return self.system in AWS

    @cached_property
    def is_look(self) -> bool:
        """At a pager: it changes nothing there."""
        return self.system in PAGERS and not self.writes

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault that can strike it. A read has no effect that could be lost, but its answer can be."""
        known = AWS_FAULTS if self.is_aws else HTTP_FAULTS
        impossible = [
            *(() if self.part else (PART,)),
            *(() if self.writes else (SENT_TWICE,)),
            *((ERROR_AFTER,) if self.believed else ()),
            *((REFUSED,) if self.system in COUNTING else ()),  # whatever S3 refuses, a human may allow
            *(() if self.says_when else SAYS_WHEN),
        ]
        return tuple(fault for fault in known if fault not in impossible)

    @cached_property
    def fault_names(self) -> frozenset[str]:
        return frozenset(fault.name for fault in self.faults)

    @cached_property
    def kinds(self) -> tuple[tuple[Fault, ...], ...]:
        """Its faults, those together that differ in nothing but their names: whichever strikes, the same life follows."""
        alike: dict[Fault, list[Fault]] = {}
        for fault in self.faults:
            alike.setdefault(fault.as_seen(writes=self.writes), []).append(fault)
        return tuple(map(tuple, alike.values()))


COUNTING = ("facts", "rollup")
"""The fact store as a pass calls it, and as the rollup does, which has more patience. Only in lives that are counted."""

AWS = ("ledger", "queue", "secrets", *COUNTING)

PAGERS = ("opsgenie", "pagerduty")
_PAGER = (
    ("open_page", True, RAISES, "accepted, and never processed"),
    ("confirm", False, "pending", ""),
    ("find", False, RAISES, ""),
    ("read", False, "none", ""),
    ("acknowledge", True, RAISES, ""),
    ("close", True, RAISES, ""),
    ("on_call", False, RAISES, ""),
)

PLACES = ("slack", "confluence", "zoom")
"""Who is called only in lives with places, beside Jira's fields."""

_OF_PLACES: tuple[Operation, ...] = (
    Operation("slack", "open_room", writes=True),
    Operation("slack", "find_rooms"),
    Operation("slack", "read_room"),
    Operation("slack", "mark_room", writes=True),
    Operation("slack", "set_topic", writes=True),
    Operation("slack", "invite", writes=True, part="the first half of them, then nothing"),
    Operation("slack", "archive", writes=True),
    Operation("slack", "join", writes=True),
    Operation("slack", "post", writes=True),
    Operation("slack", "find_message"),
    Operation("slack", "edit_message", writes=True),
    Operation("slack", "pin", writes=True),
    Operation("slack", "put_bookmark", writes=True),
    Operation("slack", "find_user_by_mail"),
    Operation("confluence", "find_page"),
    Operation("confluence", "create_page", writes=True, part="made, and no label on it"),
    Operation("confluence", "label_page", writes=True),
    Operation("zoom", "find_call"),
    Operation("zoom", "make_call", writes=True),
    Operation("jira", "put_fields", writes=True, conflict=AGAIN),
)

_OF_DESK: tuple[Operation, ...] = (
    Operation("jira", "find_issues"),
    Operation("jira", "find_linked"),
    Operation("jira", "create_issue", writes=True),
    Operation("jira", "link_issue", writes=True),
)
"""Nothing asks for them in a life yet, so no fault could strike: they are in no campaign's table."""

OPERATIONS: tuple[Operation, ...] = (
    *(Operation("opsgenie", *row) for row in _PAGER),
    *(Operation("pagerduty", *row) for row in (*_PAGER[:1], ("confirm", False, RAISES, ""), *_PAGER[2:])),
    Operation("jira", "read", missing="missing"),
    Operation("jira", "recently_updated", part="the first half, then nothing"),
    Operation("jira", "find_comment"),
    Operation("jira", "add_comment", writes=True),
    Operation("jira", "edit_comment", writes=True, missing="false"),
    Operation("jira", "assign", writes=True, conflict=AGAIN),
    Operation("jira", "move_to", writes=True, conflict=AGAIN),
    Operation("jira", "find_people"),
    Operation("jira", "people"),
    Operation("ledger", "read"),
    Operation("ledger", "insert", writes=True),
    Operation("ledger", "replace", writes=True),
    Operation("ledger", "see", writes=True),
    Operation("ledger", "mark_deleted", writes=True),
    Operation("ledger", "set_due", writes=True),
    Operation("ledger", "book_wake", writes=True),
    Operation("ledger", "count_major", writes=True, part="counted, and not answered"),
    Operation("ledger", "due"),
    Operation("ledger", "swept_at"),
    Operation("ledger", "set_swept", writes=True),
    Operation("queue", "send", writes=True),
    Operation("queue", "bury", writes=True),
    Operation("secrets", "get"),
    Operation("secrets", "refresh"),
    *_OF_PLACES,
)

IN_PLACES = frozenset(operation.name for operation in _OF_PLACES)
"""Operations that only lives with places call."""

TELLING = ("statuspage", "mail")
"""Who is called only in lives in which people are told, beside Jira's comments and the ledger's turns."""

OF_TELLING: tuple[Operation, ...] = (
    Operation("statuspage", "find"),
    Operation("statuspage", "open", writes=True),
    Operation("statuspage", "read", missing="none"),
    Operation("statuspage", "update", writes=True),
    Operation("statuspage", "restate", writes=True),
    Operation("statuspage", "amend", writes=True, missing="false"),
    Operation("statuspage", "unresolved"),
    Operation("mail", "send", writes=True, believed=True, says_when=False),
    Operation("jira", "read_comments"),
    Operation("jira", "read_comment", missing="none"),
    Operation("jira", "groups_of", missing="nobody's"),
    Operation("ledger", "take_turn", writes=True),
)
"""Operations that only those lives call."""

OF_COUNTING: tuple[Operation, ...] = (
    Operation("facts", "put", writes=True),
    Operation("rollup", "keys", part="the first half, then nothing"),
    Operation("rollup", "get"),
    Operation("rollup", "replace", writes=True),
    Operation("rollup", "put", writes=True),
    Operation("rollup", "delete", writes=True, part="the first half of them"),
)
"""Operations that only lives call in which incidents are counted, beside the writes of Jira's fields."""

ALL_OPERATIONS = (*OPERATIONS, *OF_TELLING, *OF_COUNTING)
BY_NAME = {operation.name: operation for operation in (*ALL_OPERATIONS, *_OF_DESK)}
WHEN_COUNTED = (*OF_COUNTING, BY_NAME["jira.put_fields"])
"""What lives that are counted are about: links of places are written by the same operation, and times mean something else."""


def operations_of(system: str) -> Iterator[Operation]:
    return (operation for operation in ALL_OPERATIONS if operation.system == system)
