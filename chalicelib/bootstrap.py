"""The one place that picks adapters and reads the environment. Everything is built on first use and kept while warm.

Importing this module connects to nothing and reads nothing: the webhook of an issue that is no incident needs neither a
pager nor Jira, and a cold start is part of the time to page.

Environment: FIREBELL_SETTINGS (path of firebell.toml), FIREBELL_TABLE, FIREBELL_QUEUE_URL, FIREBELL_DEAD_LETTER_URL,
FIREBELL_SECRET_ID or FIREBELL_SECRETS (the secrets themselves, for the embedded stack), FIREBELL_FACTS (the bucket of facts;
without it nothing is counted).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.adapters.logging_json import JsonLog
from chalicelib.errors import SettingsError
from chalicelib.ports.log import Log

if TYPE_CHECKING:
    from chalicelib.adapters.forgiving_words import ForgivingWords
    from chalicelib.artifacts.artifact import Artifact
    from chalicelib.artifacts.every import ChatPlace, WikiPlace
    from chalicelib.artifacts.page import PageTexts
    from chalicelib.intake.gate import Gate
    from chalicelib.intake.slack_desk import SlackDesk
    from chalicelib.ports.chat import Chat
    from chalicelib.ports.ledger import Ledger
    from chalicelib.ports.pager import Pager
    from chalicelib.ports.queue import Message, Queue
    from chalicelib.ports.secrets import Secrets, SecretStore
    from chalicelib.ports.tickets import Tickets
    from chalicelib.ports.video_calls import VideoCalls
    from chalicelib.ports.wiki import Wiki
    from chalicelib.ports.world import Clock
    from chalicelib.reception import Reception
    from chalicelib.reconcile.firebell import Firebell
    from chalicelib.reconcile.world import World
    from chalicelib.settings import Settings
    from chalicelib.settings_places import ChatSettings, WikiSettings

T = TypeVar("T")

HERE = Path(__file__).resolve().parents[1]


_given: dict[str, Any] = {}


def give(**parts: object) -> None:
    """Replace parts of the world: `clock`, `log`, or `queue` and `pagers` (functions from the real one to another).

    For the embedded stack, whose clock can run fast and whose workers can be killed.
    """
    reset()
    _given.update(parts)


def _wrapped(name: str, real: T) -> T:
    wrap: Callable[[T], T] | None = _given.get(name)
    return real if wrap is None else wrap(real)


@cache
def log() -> Log:
    return _given.get("log") or JsonLog()


@cache
def clock() -> Clock:
    from chalicelib.adapters.world import SystemClock

    return _given.get("clock") or SystemClock()


@cache
def settings() -> Settings:
    from chalicelib.settings_reader import read_settings

    return read_settings(Path(os.environ.get("FIREBELL_SETTINGS", HERE / "firebell.toml")), os.environ)


@cache
def gate() -> Gate:
    """Says once, at start-up, whose webhooks are refused for want of a secret, and which secrets are missing or unfit.

    Raises TemporaryError when the secrets cannot be read.
    """
    from chalicelib.intake.gate import Gate, closed_doors
    from chalicelib.settings_secrets import unfit_secrets

    store = secret_store()
    for door in closed_doors(store.get(), settings().pagers):
        if door == "jira":
            log().alarm(
                "no_secret", error="neither jira_webhook nor jira_header is configured: every webhook of Jira is refused"
            )
        else:
            log().info("no_secret", error=f"{door}_webhook is not configured: every webhook of {door} is refused")
    for problem in unfit_secrets(settings(), store.get()):
        log().alarm("unfit_secret", error=problem)
    return Gate(store)


@cache
def reception() -> Reception:
    from chalicelib.reception import Reception

    return Reception(gate, lambda: settings().schema, firebell, queue, log(), clock(), slack_desk, ledger)


def slack_desk() -> SlackDesk:
    from chalicelib.intake.slack_desk import SlackDesk, read_command_texts

    return SlackDesk(ledger(), queue(), log(), settings().note_reaction, lambda: read_command_texts(templates() / "command"))


@cache
def firebell() -> Firebell:
    from chalicelib.reconcile.firebell import Firebell
    from chalicelib.reconcile.world import Rules

    known = settings()
    rules = Rules(known.mode, known.paging, known.routing, page_texts(), artifacts, known.note_reaction)
    return Firebell(world(), rules)


def sweep() -> int:
    from chalicelib.reconcile.sweep import sweep

    return sweep(world())


def rollup() -> int:
    """How many versions of incidents were merged."""
    from chalicelib.bootstrap_metrics import rollup

    return rollup().merged


def raise_url() -> str:
    """Where people raise an incident; "" where nobody has said. Like the next one it needs the settings and nothing else."""
    return settings().jira.raise_url


def open_incidents_url() -> str:
    from chalicelib.adapters.jql import open_incidents_url

    return open_incidents_url(settings().schema)


def parse_message(body: str) -> Message:
    """Raises UnreadableEvent for a message that this version cannot read."""
    from chalicelib.intake.queue_message import parse_message

    return parse_message(body)


@cache
def world() -> World:
    from chalicelib.adapters.world import RandomTokens, Threads
    from chalicelib.reconcile.world import World

    return World(
        ledger=ledger(),
        queue=queue(),
        tickets=tickets,
        pagers=_wrapped("pagers", LazyPagers({name: partial(_build_pager, name) for name in settings().pagers})),
        clock=clock(),
        tokens=RandomTokens(),
        together=Threads(),
        log=log(),
        chat=chat if settings().chat is not None else None,
    )


@cache
def ledger() -> Ledger:
    from chalicelib.adapters.aws import client
    from chalicelib.adapters.dynamodb import DynamoDbLedger

    return DynamoDbLedger(_variable("FIREBELL_TABLE"), lambda: client("dynamodb"))


@cache
def queue() -> Queue:
    from chalicelib.adapters.aws import client
    from chalicelib.adapters.sqs import SqsQueue

    real = SqsQueue(_variable("FIREBELL_QUEUE_URL"), _variable("FIREBELL_DEAD_LETTER_URL"), lambda: client("sqs"))
    return _wrapped("queue", real)


@cache
def secret_store() -> SecretStore:
    from chalicelib.adapters.aws import client
    from chalicelib.adapters.secrets_manager import ENVIRONMENT_VARIABLE, EnvironmentSecrets, SecretsManagerSecrets

    text = os.environ.get(ENVIRONMENT_VARIABLE)
    if text is not None:
        return EnvironmentSecrets(text, log())
    return SecretsManagerSecrets(_variable("FIREBELL_SECRET_ID"), lambda: client("secretsmanager"), clock(), log())


def tickets() -> Tickets:
    return with_live_secrets(_build_tickets)


def _build_tickets(secrets: Secrets) -> Tickets:
    from chalicelib.vendors import jira_client

    return jira_client(settings(), secrets)


@cache
def artifacts() -> tuple[Artifact[Any], ...]:
    """Everything but the page, in the order in which links are needed."""
    from chalicelib.artifacts.every import Company, every_artifact
    from chalicelib.bootstrap_metrics import facts_of_incidents
    from chalicelib.bootstrap_telling import telling_of

    known = settings()
    company = Company(
        tickets,
        ledger,
        words(),
        known.paging,
        known.people,
        tuple(known.roles.values()),
        known.questions,
        known.severity_scale,
        known.schema.link_fields,
        known.note_reaction,
        known.metrics.times,
        chat=_chat_place(known.chat) if known.chat is not None else None,
        calls=video_calls if known.video is not None else None,
        wiki=_wiki_place(known.wiki) if known.wiki is not None else None,
        telling=telling_of(known),
        facts=facts_of_incidents(),
        with_names=known.metrics.with_names,
        severity_when_empty=known.schema.severity_when_empty,
    )
    return every_artifact(company)


@cache
def words(language: str = "") -> ForgivingWords:
    from chalicelib.adapters.forgiving_words import ForgivingWords
    from chalicelib.adapters.jinja_words import JinjaWords

    languages = (language, "") if language else ("",)
    return ForgivingWords(tuple(JinjaWords(templates(), one) for one in languages), log())


def _chat_place(known: ChatSettings) -> ChatPlace:
    from chalicelib.adapters.world import Threads
    from chalicelib.artifacts.every import ChatPlace

    return ChatPlace(chat, Threads(), known.archive_after, known.always, known.by_severity, known.by_service)


def _wiki_place(known: WikiSettings) -> WikiPlace:
    from chalicelib.artifacts.every import WikiPlace

    return WikiPlace(wiki, known.space_key, known.parent_id, known.private_space_key)


def video_calls() -> VideoCalls:
    return with_live_secrets(_build_video_calls)


def _build_video_calls(secrets: Secrets) -> VideoCalls:
    from chalicelib.vendors import call_client

    known = settings().video
    assert known is not None, "nothing asks for a call where there is none"
    return call_client(known, secrets, clock=clock())


def wiki() -> Wiki:
    return with_live_secrets(_build_wiki)


def _build_wiki(secrets: Secrets) -> Wiki:
    from chalicelib.vendors import wiki_client

    known = settings().wiki
    assert known is not None, "nothing asks for a wiki where there is none"
    return wiki_client(known, secrets, clock=clock())


def chat() -> Chat:
    return with_live_secrets(_build_chat)


def _build_chat(secrets: Secrets) -> Chat:
    from chalicelib.adapters.slack import Slack

    known = settings().chat
    assert known is not None, "nothing asks for a chat where there is none"
    if not secrets.slack_user_token:
        log().info("im_status_off", error="slack_user_token is not configured: statuses of incident managers are left alone")
    return Slack(secrets.slack_bot_token, secrets.slack_user_token, base_url=known.base_url, clock=clock())


@cache
def page_texts() -> PageTexts:
    from chalicelib.artifacts.page import read_page_texts

    return read_page_texts(templates() / "page")


def templates() -> Path:
    return HERE / "templates"


def reset() -> None:
    """Forget everything that was built: the environment has changed (tests and the embedded stack)."""
    for built in (
        log,
        clock,
        settings,
        gate,
        reception,
        firebell,
        world,
        ledger,
        queue,
        secret_store,
        artifacts,
        page_texts,
        words,
    ):
        built.cache_clear()
    _built.clear()
    _given.clear()


class LazyPagers(Mapping[str, "Pager"]):
    """The configured pagers by name, each built when it is first rung."""

    def __init__(self, builders: Mapping[str, Callable[[Secrets], Pager]]) -> None:
        self._builders = builders

    def __getitem__(self, name: str) -> Pager:
        return with_live_secrets(self._builders[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._builders)

    def __len__(self) -> int:
        return len(self._builders)


_built: dict[Callable[..., Any], tuple[Secrets, Any]] = {}


def with_live_secrets(build: Callable[[Secrets], T]) -> T:
    """What `build` makes of the live secrets, built anew only when a secret was rotated."""
    secrets = secret_store().get()
    known = _built.get(build)
    if known is None or known[0] != secrets:
        known = _built[build] = (secrets, build(secrets))
    made: T = known[1]
    return made


def _build_pager(name: str, secrets: Secrets) -> Pager:
    from chalicelib.vendors import pager_client

    return pager_client(name, settings().pagers[name], secrets)


def _variable(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SettingsError((f"environment: {name} is not set; the deployment template sets it",))
    return value
