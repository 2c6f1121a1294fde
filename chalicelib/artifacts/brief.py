"""The pinned message of the incident's room: what is known, what is still asked, how bad it is. Rendered again in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.in_room import CALL, DOCUMENT, ROOM, InRoom, again_when_opened, in_room, marker_of, unless_closed
from chalicelib.artifacts.note_sources import COMMENTS
from chalicelib.artifacts.support_cases import NAME as CASES
from chalicelib.artifacts.topic_words import titled
from chalicelib.domain.checklist import Answers, beside_questions, questions_answered
from chalicelib.domain.deployments import Deployment, line_of
from chalicelib.domain.incident import Incident, Severity, Status
from chalicelib.domain.rich_text import Link, Piece, Strong, Text, compose
from chalicelib.domain.text import cut, one_line
from chalicelib.ports.chat import Chat, Post
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.words import Words

LONGEST_ANSWER, LONGEST_SUMMARY, LONGEST_CHANGE = 250, 1000, 250
MOST_CHANGES = 8


@dataclass(frozen=True, slots=True)
class Brief:
    """questions: name, as in `Incident.impact` -> how it is asked, in the order of asking. scale: what each severity means.

    answers: the newest ones of updates and of the issue; pure. None where nobody publishes updates. cases: how many customers'
    cases there are, None while nobody has counted them; pure.
    """

    chat: Callable[[], Chat]
    tickets: Callable[[], Tickets]
    words: Words
    questions: Mapping[str, str]
    scale: Mapping[Severity, str]
    answers: Callable[[Scene], Answers] | None = None
    cases: Callable[[Scene], int | None] | None = None
    after: tuple[str, ...] = (ROOM, CALL, DOCUMENT, COMMENTS, CASES)
    name: str = "brief"
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[InRoom[Post]], ...]:
        content = in_room(scene, self._post(scene, discreet=False), self._post(scene, discreet=True))
        return (again_when_opened(spec_of(self.name, scene.incident, content), scene),) if content is not None else ()

    def find(self, spec: Spec[InRoom[Post]]) -> Made | None:
        """What was said and perhaps not pinned."""

        def look() -> Made | None:
            found = self.chat().find_message(spec.content.room_id, marker_of(spec.incident, self.name))
            return self._pinned(spec.content.room_id, found) if found is not None else None

        return unless_closed(look)

    def make(self, spec: Spec[InRoom[Post]]) -> Made | None:
        def post_and_pin() -> Made:
            room_id, chat = spec.content.room_id, self.chat()
            post = spec.content.fitting(chat, self.tickets(), spec.incident)
            return self._pinned(room_id, chat.post(room_id, post, marker_of(spec.incident, self.name)))

        return unless_closed(post_and_pin)

    def change(self, known: Made, spec: Spec[InRoom[Post]]) -> Made | None:
        """Not pinned again: whoever unpinned it had their reasons."""

        def edit() -> Made | None:
            room_id, chat = spec.content.room_id, self.chat()
            post, marker = spec.content.fitting(chat, self.tickets(), spec.incident), marker_of(spec.incident, self.name)
            return known if chat.edit_message(room_id, known.vendor_id, post, marker) else None

        return unless_closed(edit)

    def _pinned(self, room_id: str, message_id: str) -> Made:
        """Also one that a human has just deleted: its id must be known, or it would be said again."""
        self.chat().pin(room_id, message_id)
        return Made(message_id)

    def _post(self, scene: Scene, *, discreet: bool) -> Post:
        incident = scene.incident
        call, document = scene.link_of(CALL), scene.link_of(DOCUMENT)
        answers = self.answers(scene) if self.answers is not None else {}
        cases = self.cases(scene) if self.cases is not None else None
        beside = titled(self.words, beside_questions(self.questions, answers))
        template = self.words.render(
            "chat/brief.txt",
            drill=incident.is_drill,
            resolved=incident.status is Status.RESOLVED,
            discreet=discreet,
            questions=bool(self.questions or beside),
            scale=bool(self.scale),
            changes=bool(scene.recent),
            cases=cases is not None,
            call=bool(call),
            document=bool(document),
        )
        pieces: dict[str, Text] = {
            "issue": (Link(incident.url, incident.key),),
            "severity": (Strong(f"severity {incident.severity.value}"),),
            "summary": (Strong(cut(one_line(incident.summary), LONGEST_SUMMARY)),),
            "service": incident.service or "not known",
            "products": ", ".join(incident.products) or "not known",
            "reporter": incident.reporter.name if incident.reporter else "not known",
            "since": _since(incident),
            "questions": self._answers(incident, answers, beside),
            "scale": self._scale(incident.severity),
            "changes": _changes(scene.recent),
            "cases": str(cases),
            "call": (Link(call),),
            "document": (Link(document),),
        }
        # Split before it is filled: what people typed may hold empty lines of its own.
        sections = tuple(compose(part.strip(), **pieces) for part in template.split("\n\n") if part.strip())
        return Post(sections[0], sections)

    def _answers(self, incident: Incident, answers: Answers, beside: Sequence[tuple[str, str]]) -> Text:
        """Every question, and what updates have answered beside them."""
        known = questions_answered(self.questions, incident.impact, answers)
        asked = [(question, known[name]) for name, question in self.questions.items()]
        told = [*asked, *((f"{title}:", answer) for title, answer in beside)]
        return _in_lines(
            [("• ", title, " ", Strong(cut(one_line(answer), LONGEST_ANSWER) or "unknown")) for title, answer in told]
        )

    def _scale(self, current: Severity) -> Text:
        return _in_lines(
            [
                (Strong(f"Severity {level.value}"), f": {text}{' (now)' if level is current else ''}")
                for level, text in sorted(self.scale.items())
            ]
        )


def _changes(recent: Sequence[Deployment]) -> Text:
    """The last ones before the impact, oldest first: any further back is less likely to have caused it."""
    lines: list[tuple[Piece, ...]] = [("• ", cut(line_of(one), LONGEST_CHANGE)) for one in recent[-MOST_CHANGES:]]
    left_out = len(recent) - len(lines)
    return _in_lines([*([(f"• and {left_out} before these",)] if left_out else []), *lines])


def _since(incident: Incident) -> str:
    if incident.impact_started_at is not None:
        return _minute(incident.impact_started_at)
    return f"not known; reported {_minute(incident.created_at)}"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _in_lines(lines: Sequence[tuple[Piece, ...]]) -> Text:
    pieces: list[Piece] = []
    for line in lines:
        pieces += ("\n", *line) if pieces else line
    return tuple(pieces)
