"""What the ledger knows of an incident on a status page: what was told there, and whether it stands open. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chalicelib.domain.announcement import Progress
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState


@dataclass(frozen=True, slots=True)
class Told:
    """What was told, as a record's id: which incident and update on the page it is, how far we said the incident has come, a
    print of the headline as far as this update brought it, the components whose state it set, and those that it left in an
    outage because of another incident: id -> state."""

    incident_id: str
    update_id: str = ""
    progress: str = ""
    headline: str = ""
    components: tuple[str, ...] = ()
    held_back: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = (self.incident_id, self.update_id, self.progress, self.headline, ",".join(self.components))
        return "/".join((*parts, print_states(self.held_back)) if self.held_back else parts)

    @classmethod
    def parse(cls, vendor_id: str) -> Told:
        incident_id, update_id, progress, headline, components, held, *_ = (*vendor_id.split("/"), "", "", "", "", "")
        return cls(incident_id, update_id, progress, headline, tuple(filter(None, components.split(","))), parse_states(held))


def print_states(states: Mapping[str, str]) -> str:
    """Of components, by id, as records hold them."""
    return ",".join(f"{id_}={state}" for id_, state in states.items())


def parse_states(printed: str) -> dict[str, str]:
    pairs = (one.partition("=") for one in printed.split(",") if one)
    return {id_: state for id_, _, state in pairs}


def records_of(channel: str, records: Mapping[str, ArtifactRecord]) -> dict[str, ArtifactRecord]:
    """By announcement."""
    ours = f"{channel}:"
    return {name.removeprefix(ours): record for name, record in records.items() if name.startswith(ours)}


def told_in_order(records: Iterable[ArtifactRecord]) -> list[ArtifactRecord]:
    """Of what was told on one page, the last one last."""
    made = [record for record in records if record.state is ArtifactState.MADE and record.vendor_id]
    return sorted(made, key=lambda record: record.made_at or record.until)


def history_of(records: Iterable[ArtifactRecord]) -> tuple[Told, ...]:
    """What was told on one page, the last one last."""
    return tuple(Told.parse(record.vendor_id or "") for record in told_in_order(records))


def is_put_away(record: ArtifactRecord) -> bool:
    """A human deleted the incident on the page, and people were told."""
    return record.state is ArtifactState.CLOSED and bool(record.says)


def was_resolved(history: tuple[Told, ...]) -> bool:
    """The last thing we told there was that it is resolved."""
    return bool(history) and history[-1].progress == Progress.RESOLVED


def is_open_on(channel: str, records: Mapping[str, ArtifactRecord]) -> bool:
    """As far as we know: what people ended there by hand is not looked after."""
    history = _history_on(channel, records)
    return bool(history) and not was_resolved(history)


def is_over_on(channel: str, records: Mapping[str, ArtifactRecord]) -> bool:
    """By what we told there last."""
    return was_resolved(_history_on(channel, records))


def _history_on(channel: str, records: Mapping[str, ArtifactRecord]) -> tuple[Told, ...]:
    """Nothing where people deleted the incident on the page."""
    ours = records_of(channel, records).values()
    return () if any(map(is_put_away, ours)) else history_of(ours)
