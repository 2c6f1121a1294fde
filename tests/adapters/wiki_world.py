"""Confluence: the real adapter over loopback HTTP to its strict emulator, and the simulated one over the same model."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chalicelib.adapters.confluence import Confluence
from chalicelib.ports.wiki import Wiki, WikiPage
from sandbox.emulator import JsonLinesRecorder, ListRecorder, serve
from sandbox.wiki.confluence import ConfluenceEmulator
from sandbox.wiki.model import StoredPage, WikiModel, WikiSpace
from simulation.loop import Loop
from simulation.places_ports import ModelWiki
from simulation.places_watch import PlaceWatch, Unasked
from simulation.wire import FaultPlan, Wire
from tests.builders import NOW, TIMEOUTS_S
from tests.reconcile.small_world import FakeClock

TOKEN = "confluence-token-0123456789"
US, MIA = "acc-firebell", "acc-mia"
MARKER = "firebell-10002"
TITLE = "HOT-42: Checkout is down"
BODY = "<h2>Summary</h2><p>Checkout is down</p>"


@dataclass
class AnyWiki:
    """A wiki, whatever stands behind the port."""

    wiki: Wiki
    model: WikiModel
    clock: FakeClock
    space: WikiSpace

    def make(self, title: str = TITLE, marker: str = MARKER, body: str = BODY, parent_id: str | None = None) -> WikiPage:
        return self.wiki.create_page("INC", parent_id, title, body, marker)

    def ours(self) -> list[StoredPage]:
        """The pages that Firebell made, oldest first."""
        return [page for page in self.model.pages.values() if page.author == US]


@dataclass
class WikiWorld(AnyWiki):
    """Confluence over HTTP."""

    emulator: ConfluenceEmulator
    recorder: ListRecorder
    url: str


def a_simulated_wiki() -> AnyWiki:
    """The simulator's, with nothing going wrong."""
    clock = FakeClock(NOW)
    model = WikiModel(clock)
    space = model.add_space("INC", "Incidents", MIA)
    wire = Wire(Loop(NOW, None), FaultPlan(), None, None)
    return AnyWiki(ModelWiki(model, US, wire, PlaceWatch(Unasked())), model, clock, space)


@contextmanager
def a_confluence() -> Iterator[WikiWorld]:
    clock, recorder = FakeClock(NOW), ListRecorder()
    model = WikiModel(clock)
    space = model.add_space("INC", "Incidents", MIA)
    emulator = ConfluenceEmulator(model, clock, account=US, mail="bot@example.com", token=TOKEN, recorder=recorder)
    with serve(emulator) as [url]:
        wiki = Confluence(url, "bot@example.com", TOKEN, timeouts_s=TIMEOUTS_S, clock=clock)
        yield WikiWorld(wiki, model, clock, space, emulator, recorder, url)
    assert emulator.violations == []
    keep_exchanges(recorder)


def keep_exchanges(recorder: ListRecorder) -> None:
    """Append what was said to the file named in FIREBELL_EXCHANGES, to be held against the vendors' contracts."""
    if path := os.environ.get("FIREBELL_EXCHANGES"):
        kept = JsonLinesRecorder(Path(path))
        for exchange in recorder.exchanges:
            kept.record(exchange)
