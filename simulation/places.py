"""Where people meet in a life with places: a workspace, a wiki and a video host, and Jira's fields that lead there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from chalicelib.domain.incident import IssueId
from chalicelib.domain.schema import IncidentSchema
from chalicelib.ports.tickets import FieldValue, Put
from sandbox.chat.model import ChatModel
from sandbox.company import BOT, CHAT_ADMIN, CHAT_BOT, CHAT_PEOPLE, MIA, SPACE
from sandbox.jira.model import JiraModel, JiraUser
from sandbox.video.model import VideoModel
from sandbox.wiki.model import WikiModel
from simulation.chat_port import ModelChat
from simulation.loop import Loop
from simulation.places_ports import ModelVideo, ModelWiki
from simulation.places_watch import PlaceChecks, PlaceWatch
from simulation.ports import ModelTickets
from simulation.watch import Watch
from simulation.wire import Wire

VIDEO_HOST = BOT.email or ""
NOBODY_LISTENS = 1_000_000_000
"""Slack's events: nothing takes them in yet."""


@dataclass(slots=True)
class Places:
    """The models, and the ports before them."""

    loop: Loop
    chat_model: ChatModel
    wiki_model: WikiModel
    video_model: VideoModel
    sees: PlaceWatch
    chat: ModelChat = field(init=False)
    wiki: ModelWiki = field(init=False)
    video: ModelVideo = field(init=False)

    @property
    def now_ms(self) -> int:
        return self.loop.now_ms

    def connect(self, wire: Wire) -> None:
        self.chat = ModelChat(self.chat_model, wire, self.sees)
        self.wiki = ModelWiki(self.wiki_model, BOT.account_id, wire, self.sees)
        self.video = ModelVideo(self.video_model, VIDEO_HOST, wire, self.sees)


def found(loop: Loop, wire: Wire, checks: PlaceChecks, watch: Watch, *, search_lag: timedelta = timedelta()) -> Places:
    """Open for business. Everybody has an account at chat but the last, whom it does not know."""
    chat = ChatModel(loop, CHAT_BOT)
    chat.outbox.lose = NOBODY_LISTENS
    for user in (*CHAT_PEOPLE[:-1], CHAT_ADMIN):
        chat.add_user(user)
    wiki = WikiModel(loop, lag=search_lag)
    wiki.add_space(SPACE, "Incidents", MIA.account_id)
    places = Places(loop, chat, wiki, VideoModel(loop, {VIDEO_HOST}), PlaceWatch(checks, watch.id_of))
    places.connect(wire)
    return places


class PlacedTickets(ModelTickets):
    """Jira, where the watch sees whose links are written."""

    def __init__(
        self, model: JiraModel, schema: IncidentSchema, bot: JiraUser, wire: Wire, watch: Watch, sees: PlaceWatch
    ) -> None:
        super().__init__(model, schema, bot, wire, watch)
        self._sees = sees

    def _put(self, issue_id: IssueId, fields: Mapping[str, FieldValue], quiet: bool, read_ms: int | None) -> Put:
        self._sees.wrote(issue_id, f"fields of {issue_id}")
        self._sees.checks.puts(issue_id, fields, read_ms)
        done = super()._put(issue_id, fields, quiet, read_ms)
        self._sees.checks.note(self._model.issues[issue_id])
        return done

    def put_fields(self, issue_id: IssueId, fields: Mapping[str, FieldValue], *, quiet: bool = True) -> Put:
        self._sees.calls += 1
        return super().put_fields(issue_id, fields, quiet=quiet)
