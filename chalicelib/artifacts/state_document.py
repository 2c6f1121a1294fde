"""The page on which people write down what is going on. Made once from a template, never overwritten: they type in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass

from chalicelib.artifacts.artifact import MEETING_PLACES, Made, Scene
from chalicelib.artifacts.chat_people import holders
from chalicelib.artifacts.once import MadeOnce, stable_name
from chalicelib.domain.incident import Incident
from chalicelib.domain.people import Role
from chalicelib.domain.text import one_line
from chalicelib.errors import IntegrationError
from chalicelib.ports.ledger import ArtifactState
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.wiki import Wiki, WikiPage, WikiPageState
from chalicelib.ports.words import Words


@dataclass(frozen=True, slots=True)
class RoleRow:
    """person: "" while nobody has the role."""

    name: str
    person: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """address: "" while it is still being made."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """answer: "" while it is not known."""

    text: str
    answer: str


@dataclass(frozen=True, slots=True)
class Document:
    """spaces: where it may be, the one to make it in first."""

    marker: str
    spaces: tuple[str, ...]
    parent_id: str | None
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class StateDocument(MadeOnce[Document]):
    """nobody: account ids of default assignees. questions: about the impact, by our name of them, in order.

    private_space_key: where a private incident's document goes, which tells no summary and no answers; "" for none at all.
    """

    wiki: Callable[[], Wiki]
    tickets: Callable[[], Tickets]
    words: Words
    space_key: str
    parent_id: str | None
    roles: tuple[Role, ...]
    nobody: Collection[str]
    questions: Mapping[str, str]
    private_space_key: str = ""
    after: tuple[str, ...] = tuple(MEETING_PLACES)
    name: str = "state_document"
    speaks_when_held: bool = False

    def _is_fit(self, scene: Scene) -> bool:
        return not scene.incident.is_private or bool(self.private_space_key)

    def _place(self, scene: Scene) -> str:
        return self.private_space_key if self._is_secret(scene.incident) else self.space_key

    def _is_secret(self, incident: Incident) -> bool:
        return incident.is_private and bool(self.private_space_key)

    def _content(self, scene: Scene) -> Document:
        incident = scene.incident
        record = scene.records.get(self.name)
        former = record.intended if record is not None else ()
        title = incident.key if incident.is_private else f"{incident.key}: {one_line(incident.summary)}"
        return Document(
            stable_name(incident),
            tuple(dict.fromkeys((self._place(scene), *former, self.space_key))),
            None if self._is_secret(incident) else self.parent_id,
            f"{incident.drill_mark}{title}",
            self._body(scene),
        )

    def _body(self, scene: Scene) -> str:
        incident = scene.incident
        answers = {} if incident.is_private else incident.impact
        places = {title: scene.link_of(name) for name, title in MEETING_PLACES.items() if _is_to_be(scene, name)}
        return self.words.render(
            "document/state.xml",
            key=incident.key,
            issue_link=incident.url,
            summary="" if incident.is_private else incident.summary,
            severity=str(incident.severity.value),
            drill=incident.is_drill,
            roles=tuple(RoleRow(role.title, self._holders(incident, role)) for role in self.roles),
            links=tuple(LinkRow(title, address) for title, address in places.items()),
            questions=tuple(QuestionRow(text, answers.get(name, "")) for name, text in self.questions.items()),
        )

    def _holders(self, incident: Incident, role: Role) -> str:
        return ", ".join(person.name for person in holders(incident, role.name, self.nobody))

    def _find(self, content: Document) -> Made | None:
        pages = (self.wiki().find_page(space, content.marker) for space in content.spaces)
        page = next((page for page in pages if page is not None), None)
        return self._seen(page, content.marker) if page is not None else None

    def _make(self, content: Document) -> Made:
        page = self.wiki().create_page(content.spaces[0], content.parent_id, content.title, content.body, content.marker)
        return self._seen(page, content.marker)

    def _seen(self, page: WikiPage, marker: str) -> Made:
        """What people archived or put into the trash was put away on purpose: known, and without a link."""
        if page.state is not WikiPageState.CURRENT:
            return Made(page.id)
        set_label(self.wiki(), page, marker)
        return Made(page.id, page.url)


def set_label(wiki: Wiki, page: WikiPage, marker: str) -> None:
    """Where it is missing. It only helps to find the page should its id be lost: without it, the page is there all the same."""
    if marker not in page.labels:
        with suppress(IntegrationError):
            wiki.label_page(page.id, marker)


def _is_to_be(scene: Scene, name: str) -> bool:
    """There is a link, or one may come."""
    record = scene.records.get(name)
    return bool(scene.link_of(name)) or (record is not None and record.state is ArtifactState.SENDING)
