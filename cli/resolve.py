"""Names of rosters -> the pagers' ids, written into firebell.toml between its comments."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from chalicelib.domain.paging import Roster
from chalicelib.errors import IntegrationError
from chalicelib.ports.pager import Pager


@dataclass(frozen=True, slots=True)
class Resolved:
    """ids: roster name -> the id its pager gave. problems: one line per roster without an answer."""

    ids: Mapping[str, str]
    problems: tuple[str, ...]


def resolve_ids(rosters: Mapping[str, Roster], pagers: Mapping[str, Pager]) -> Resolved:
    """Ask for every id that is not written yet. One pager that does not answer hides no other's answer."""
    ids: dict[str, str] = {}
    problems: list[str] = []
    for name, roster in rosters.items():
        if roster.id:
            continue
        try:
            ids[name] = pagers[roster.pager].resolve_id(roster.kind, roster.title)
        except IntegrationError as error:
            problems.append(f"rosters.{name}: {roster.pager} gave no id for {roster.kind.value} {roster.title!r}: {error.message}")
    return Resolved(ids, tuple(problems))


def write_ids(path: Path, ids: Mapping[str, str]) -> None:
    """Put each id right below its roster's title; everything else in the file stays as it is. All of it or nothing."""
    document = tomlkit.parse(path.read_text("utf-8-sig"))
    rosters: Any = document["rosters"]
    for name, id_ in ids.items():
        _put_below_title(rosters[name], id_)
    target = path.resolve()  # a link stays a link
    temporary = target.with_name(f".{target.name}.new")
    temporary.write_text(tomlkit.dumps(document), "utf-8")
    temporary.chmod(target.stat().st_mode)
    os.replace(temporary, target)


def _put_below_title(roster: Any, id_: str) -> None:
    """tomlkit appends below the blank lines and comments that lead to the next table; people would look elsewhere."""
    if isinstance(roster, tomlkit.items.Table):
        roster.value._insert_after("title", "id", tomlkit.item(id_))
    else:
        roster["id"] = id_
