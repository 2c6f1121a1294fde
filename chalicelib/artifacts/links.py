"""Our links in the incident's own fields, all of them in one write. Only what is empty is filled: a human's value wins.

A human who empties a field again is not fought: what was once written is remembered, and never written there again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.seen import here_now
from chalicelib.domain.incident import Incident
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.tickets import Tickets

Links = tuple[tuple[str, str], ...]
"""(our name of a link, address), in the order of the fields."""

LINKED = ("chat_room", "video_call", "state_document")
"""Artifacts whose links people have fields for."""

REFUSED_RETRY = timedelta(minutes=10)
"""A human puts the field on its screen, and does not tell us."""


@dataclass(frozen=True, slots=True)
class LinkFields:
    """fields: our name of a link -> id of the field that shows it. Named as the artifacts whose links they are.

    `Made.vendor_id` holds the links that are in their fields, or were, as "<name> <address>" after each other.
    """

    tickets: Callable[[], Tickets]
    fields: Mapping[str, str]
    after: tuple[str, ...] = LINKED
    name: str = "links"
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[Links], ...]:
        """Whatever has a link, also where another is still being made: nobody is kept waiting for the slowest."""
        ours = tuple((name, link) for name in self.fields if (link := _ours(scene, name)))
        if not ours:
            return ()
        record = scene.records.get(self.name)
        if record is None or not record.says or not scene.wanted:
            spec = spec_of(self.name, scene.incident, ours)
            if record is not None and record.fingerprint == spec.fingerprint:
                # All is written. But where a human has taken a link of their own out again, ours may come in.
                free = tuple(name for name, link in ours if _is_new(name, link, scene.incident, record))
                spec = spec_of(self.name, scene.incident, ours, ours, free) if free else spec
            return (spec,)
        # Jira refused a field: each try is told from the one before by when that was.
        is_new = any(_is_new(name, link, scene.incident, record) for name, link in ours)
        not_before = None if is_new else record.until + REFUSED_RETRY
        return (spec_of(self.name, scene.incident, ours, ours, record.until, not_before=not_before),)

    def find(self, spec: Spec[Links]) -> Made | None:
        """What an earlier try wrote is read with the rest."""
        del spec
        return None

    def make(self, spec: Spec[Links]) -> Made:
        return self._fill(spec, {})

    def change(self, known: Made, spec: Spec[Links]) -> Made | None:
        words = known.vendor_id.split()
        return self._fill(spec, dict(zip(words[::2], words[1::2], strict=True)))

    def _fill(self, spec: Spec[Links], written: Mapping[str, str]) -> Made:
        """written: what we wrote before; such a value may be replaced by a newer link of ours, and nobody else's is."""
        ours = dict(spec.content)
        if not _to_write(ours, written, spec.incident):
            return _done(ours, written, spec.incident, {})
        now = here_now(self.tickets(), spec.incident.id)
        missing = _to_write(ours, written, now)
        if not missing:
            return _done(ours, written, now, {})
        put = self.tickets().put_fields(now.id, {self.fields[name]: link for name, link in missing.items()}, quiet=True)
        refused = {name: put.refused[self.fields[name]] for name in missing if self.fields[name] in put.refused}
        kept = {name: link for name, link in missing.items() if self.fields[name] in put.written}
        return _done(ours, {**written, **kept}, now, refused)


def _ours(scene: Scene, name: str) -> str:
    record = scene.records.get(name)
    return record.link if record is not None and record.state is not ArtifactState.CLOSED else ""


def _is_new(name: str, link: str, incident: Incident, record: ArtifactRecord) -> bool:
    """It was not there when the last try was made."""
    is_known = link in (record.vendor_id or "").split() or any(link in text for text in record.says)
    return not is_known and not incident.links.get(name)


def _to_write(ours: Mapping[str, str], written: Mapping[str, str], incident: Incident) -> dict[str, str]:
    """New links whose field is as we left it: empty at first, and then with the link that we wrote last."""
    return {
        name: link
        for name, link in ours.items()
        if link != written.get(name) and incident.links.get(name, "") == written.get(name, "")
    }


def _done(ours: Mapping[str, str], written: Mapping[str, str], incident: Incident, refused: Mapping[str, str]) -> Made:
    shown = {name: link for name, link in ours.items() if incident.links.get(name) == link}
    remembered = " ".join(f"{name} {link}" for name, link in {**written, **shown}.items())
    says = tuple(
        f"Jira does not take {ours[name]} into the field of the {name.replace('_', ' ')} ({why}); tried again every ten minutes"
        for name, why in refused.items()
    )
    return Made(remembered, says=says)
