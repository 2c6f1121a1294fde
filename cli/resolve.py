"""Names of rosters -> the pagers' ids, written into firebell.toml between its comments."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from chalicelib.domain.paging import Roster
from chalicelib.errors import IntegrationError, SettingsError
from chalicelib.ports.pager import Pager
from chalicelib.reconcile.pager_keys import NO_REQUEST, NOBODYS


@dataclass(frozen=True, slots=True)
class Resolved:
    """ids: roster name -> the id its pager gave, where none was written. problems: one line per roster."""

    ids: Mapping[str, str]
    problems: tuple[str, ...]


def resolve_ids(rosters: Mapping[str, Roster], pagers: Mapping[str, Pager]) -> Resolved:
    """Ask for every id, and hold what is written against the answer: an id may be another pager's, or of what was deleted.

    One pager that does not answer hides no other's answer.
    """
    ids: dict[str, str] = {}
    problems: list[str] = []
    for name, roster in rosters.items():
        what = f"{roster.kind.value} {roster.title!r}"
        try:
            found = pagers[roster.pager].resolve_id(roster.kind, roster.title)
        except IntegrationError as error:
            about = f" to hold {roster.id!r} against" if roster.id else ""
            problems.append(f"rosters.{name}: {roster.pager} gave no id for {what}{about}: {error.message}")
            continue
        if found is None and not roster.id:
            problems.append(f"rosters.{name}: {roster.pager} gives no id for {what}: copy it from there by hand")
        elif found is not None and not roster.id:
            ids[name] = found
        elif found not in (None, roster.id):
            problems.append(f"rosters.{name}: id is {roster.id!r}, and {roster.pager} says {found!r} for {what}: one is wrong")
    return Resolved(ids, tuple(problems))


def problems_with_key(pager: Pager, secret: str) -> tuple[str, ...]:
    """Of a pager that rings with another key than it is asked with: whether it takes that. Rings nobody.

    Asked for what became of a request that nobody ever made, it knows of none; it says so to whom it lets in only.
    """
    try:
        pager.confirm(NOBODYS, NO_REQUEST)
    except IntegrationError as error:
        return (f"secret {secret}: {pager.name} does not take it: {error.message}",)
    return ()


def write_ids(path: Path, ids: Mapping[str, str]) -> None:
    """Put each id right below its roster's title; everything else in the file stays as it is. All of it or nothing.

    Raises SettingsError, with the lines to write by hand, where that cannot be done without touching anything else.
    """
    raw = path.read_bytes().decode("utf-8-sig")
    text = raw.replace("\r\n", "\n")
    changed = with_ids(text, ids)
    if tomllib.loads(changed) != _expected(tomllib.loads(text), ids):
        raise SettingsError(tuple(f'rosters.{name}: write id = "{id_}" there by hand' for name, id_ in ids.items()))
    target = path.resolve()  # a link stays a link
    temporary = target.with_name(f".{target.name}.new")
    temporary.write_text(changed, "utf-8", newline="\r\n" if text != raw else "\n")
    temporary.chmod(target.stat().st_mode)
    os.replace(temporary, target)


def with_ids(text: str, ids: Mapping[str, str]) -> str:
    """The same TOML with these ids. Pure."""
    document = tomlkit.parse(text)
    rosters: Any = document["rosters"]
    for name, id_ in ids.items():
        roster = rosters[name]
        if isinstance(roster, Table):
            # An appended key would land below the comment that leads to the next table; there is no public insert.
            roster.value._insert_after("title", "id", tomlkit.item(id_))
        else:
            roster["id"] = id_
    return tomlkit.dumps(document)


def _expected(document: dict[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    rosters = {name: roster | ({"id": ids[name]} if name in ids else {}) for name, roster in document["rosters"].items()}
    return document | {"rosters": rosters}
