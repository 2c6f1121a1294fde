"""What people see of a status page: names as text, and updates as the HTML that they are, with their line breaks kept."""

from __future__ import annotations

from html import escape

from sandbox.status.model import EmulatedPage, PageIncident, PageUpdate


def shown_page(page: EmulatedPage) -> str:
    components = "".join(f"<li>{escape(one.name)}: {_words(one.status)}</li>" for one in page.components.values())
    incidents = "".join(map(shown_incident, page.newest())) or "<p>Nothing has happened.</p>"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(page.name)}</title></head>'
        f"<body><h1>{escape(page.name)}</h1><ul>{components}</ul>{incidents}</body></html>"
    )


def shown_incident(incident: PageIncident) -> str:
    updates = "".join(map(_shown_update, reversed(incident.updates)))
    return f'<section id="{escape(incident.id)}"><h2>{escape(incident.name)}</h2>{updates}</section>'


def _shown_update(update: PageUpdate) -> str:
    """Nothing is escaped in the text: the vendor takes it for HTML."""
    text = update.body.replace("\r\n", "\n").replace("\n", "<br>")
    return f"<p><strong>{_words(update.status)}</strong> - {text} <small>{update.at:%b %d, %H:%M} UTC</small></p>"


def _words(status: str) -> str:
    return status.replace("_", " ").capitalize()
