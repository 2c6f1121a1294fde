"""The last look at a public text: does anything in it belong inside the company? Pure, never raises.

Public text is made of public words alone, so this should never find anything; people write some of them, so it does. What
is found holds the post back, and the incident manager is told which word. It looks at the text as a reader sees it:
without what is invisible, in one width, one case and one kind of dash.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import unquote

from chalicelib.domain.incident import Person


class Kind(StrEnum):
    """Why a word may not go out; reads on from "the word is "."""

    KEY = "an issue key"
    ADDRESS = "an internal address"
    MAIL = "a mail address"
    PERSON = "the name of a person"
    CHAT = "a chat room or account"
    WORD = "a word that stays inside"
    ALPHABETS = "written in more than one alphabet"


@dataclass(frozen=True, slots=True)
class Hit:
    """word: as the guard reads it, in lower case."""

    word: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Guarded:
    """projects: keys of Jira's. hosts: internal ones, with everything below them; own_hosts: these alone. names: of people.

    words: what else stays inside, accounts included. allowed: how customers know products: never held back.
    """

    projects: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    own_hosts: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()


_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and symbols without a shape; what else nobody sees is of the categories below."""

_ALIKE = str.maketrans("\u3002\u00b7\u2219", "...") | str.maketrans(
    dict.fromkeys("\u2018\u2019\u201b\u02b9\u02bb\u02bc\u2032\u00b4`", "'")
)
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
"""Letters that are no other letter with an accent, as people type them who have none."""

_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_BETWEEN = re.compile(r"[\u2012-\u2015\u2e3a\u2e3b\u2026]|-{2,}|\.{2,}")
"""What parts words without a space, and could be part of an address once it is folded."""

_DEFANGED = re.compile(r"[\[({]\s*(?:\.|dot)\s*[\])}]")
_KEY = re.compile(r"(?<![A-Za-z0-9])([A-Z][A-Za-z0-9_]{1,9})-\d+(?![A-Za-z0-9])")
"""A key of any project: in capitals, as Jira writes them, or with one. Of known projects, however it is written."""

_NO_PROJECT = frozenset({
    "utc", "gmt", "iso", "utf", "sha", "tls", "http", "covid", "cve", "cwe", "rfc", "aes", "rsa",
    "east", "west", "north", "south", "central", "northeast", "northwest", "southeast", "southwest",
})  # fmt: skip
"""What stands before a number without being one, as in "HTTP-500", "CVE-2026-1234" and "US-East-1"; a known project is found
all the same."""

_MAIL = re.compile(r"[\w.+%'-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")
_HOST = re.compile(r"(?<![\w.-])[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)+(?![\w-])")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://([^\s/?#]*)")
_IP = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\w)|\[[0-9a-f:]*:[0-9a-f:.]+\]")
_CHAT = re.compile(
    r"<[@#!][^>\s]*>|\[~[^\s\]]*|(?<!\w)#[^\W\d_][\w-]+|(?<!\w)@\w[\w.:-]*"
    r"|(?<![a-z0-9])[ucwgdt](?=[a-z]*\d)[a-z0-9]{8,12}(?![a-z0-9])"
    r"|(?<!\w)\d+:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
"""As Slack and Jira mention people, and the ids of rooms and accounts there."""

_INTERNAL_ENDS = ("internal", "local", "localhost", "localdomain", "lan", "corp", "intranet", "intra", "private", "home.arpa")
_WORD = re.compile(r"\w+")
_NEVER = r"(?!)"

COMMON_WORDS = frozenset({
    "may", "will", "mark", "page", "grace", "hope", "rose", "bill", "long", "young", "price", "power", "day", "case",
    "short", "best", "new", "cloud", "summer", "april", "june", "august", "customer", "customers", "support", "service",
    "services", "desk", "team", "admin", "system", "user", "users", "incident", "incidents", "engineering", "operations",
    "help", "call", "on", "status", "monitor", "monitoring", "payments", "payment", "product", "products", "web", "api",
    "data", "the", "and", "for", "general", "manager", "management", "communications", "response", "care", "success",
    "office", "global", "public",
})  # fmt: skip
"""Parts of names that are words of every update: such a part alone is no name."""


def find_internal(text: str, guarded: Guarded) -> tuple[Hit, ...]:
    """What may not go out, each word once; empty: the text is fit to be published."""
    found: dict[Hit, None] = {}
    plain = unquote(text)
    for shown in dict.fromkeys((text, plain, _BETWEEN.sub(" ", plain))):
        seen, keys = folded(shown), _keys(shown)
        allowed = [match.span() for match in _phrases(guarded.allowed).finditer(seen)]
        for start, end, kind in _hits(seen, keys, guarded):
            if not any(first <= start and end <= last for first, last in allowed):
                found[Hit(seen[start:end].strip(), kind)] = None
    mixed = (Hit(word, Kind.ALPHABETS) for word in _mixed(text))
    return (*found, *(hit for hit in dict.fromkeys(mixed)))


@lru_cache(maxsize=1024)
def folded(text: str) -> str:
    """As a reader takes it in: compatible forms, accents and case folded, nothing invisible, dashes "-", single spaces."""
    seen = _apart(text.translate(_ALIKE)).translate(_ALIKE).casefold()  # taken apart, an acute accent alone is a space
    if not seen.isascii():  # folding case may have brought something new
        seen = _apart(seen).translate(_LETTERS)
    return _DEFANGED.sub(".", " ".join(seen.split()))


def names_of(people: Iterable[Person], others: Iterable[str] = ()) -> frozenset[str]:
    """What people are called: in full, and each part that is no everyday word. Programs only in full."""
    parts: set[str] = set()
    for person in people:
        parts |= _parts(person.name) if person.is_human else {person.name}
    for name in others:
        parts |= _parts(name)
    parts |= {unicodedata.normalize("NFC", part).lower().translate(_SPELLED_OUT) for part in parts}
    return frozenset(part for part in parts if any(word not in COMMON_WORDS for word in _WORD.findall(folded(part))))


def _parts(name: str) -> set[str]:
    words = [word for word in re.split(r"[\s,.()\[\]/|_]+", name) if word]
    capitals = {word for word in words if word[:1] != word[:1].lower()}
    alone = {word for word in capitals or words if len(folded(word)) >= 3}  # who is called john.smith has no capitals at all
    return {name, " ".join(words), *(word for word in alone if folded(word) not in COMMON_WORDS), *_spaceless(words)}


def _spaceless(words: list[str]) -> set[str]:
    """Names in scripts that know no capitals."""
    return {word for word in words if len(word) >= 2 and not word.isascii() and word.lower() == word.upper()}


def _apart(text: str) -> str:
    return "".join(map(_shown, unicodedata.normalize("NFKD", text)))


@lru_cache(maxsize=4096)
def _shown(one: str) -> str:
    category = unicodedata.category(one)
    if category in ("Cf", "Mn", "Me", "Cs", "Co", "Cn") or one in _INVISIBLE:
        return ""
    if category == "Cc":
        return " " if one.isspace() else ""
    return "-" if category == "Pd" or one in "\u2212\u2043" else one


def _keys(text: str) -> frozenset[str]:
    """What looks like issue keys, folded."""
    seen = " ".join(_apart(text).split())
    return frozenset(match[0].casefold() for match in _KEY.finditer(seen) if match[1].casefold() not in _NO_PROJECT)


def _hits(seen: str, keys: frozenset[str], guarded: Guarded) -> Iterator[tuple[int, int, Kind]]:
    patterns = (
        (_phrases(keys), Kind.KEY, _always),
        (_project_keys(guarded.projects), Kind.KEY, _always),
        (_MAIL, Kind.MAIL, _always),
        (_IP, Kind.ADDRESS, _always),
        (_HOST, Kind.ADDRESS, lambda match: _is_internal(match[0], guarded)),
        (_URL, Kind.ADDRESS, lambda match: _leads_inside(match[1], guarded)),
        (_CHAT, Kind.CHAT, _always),
        (_phrases(guarded.names), Kind.PERSON, _always),
        (_phrases(guarded.words), Kind.WORD, _always),
    )
    for pattern, kind, counts in patterns:
        yield from ((*match.span(), kind) for match in pattern.finditer(seen) if counts(match))


def _always(_match: re.Match[str]) -> bool:
    return True


def _leads_inside(authority: str, guarded: Guarded) -> bool:
    """Of an address: user and port aside, a bare name is one that only our own network knows."""
    found = re.match(r"\[[^\]]*\]|[\w.-]*", authority.rpartition("@")[2])  # neither a port nor what ends a sentence
    host = found[0].strip(".") if found else ""
    return "." not in host or _is_internal(host, guarded)


def _is_internal(host: str, guarded: Guarded) -> bool:
    host = host.strip("._")
    ends = (*_INTERNAL_ENDS, *(folded(one) for one in guarded.hosts))
    return host in {folded(one) for one in guarded.own_hosts} or any(host == end or host.endswith(f".{end}") for end in ends)


@lru_cache(maxsize=64)
def _phrases(phrases: frozenset[str]) -> re.Pattern[str]:
    """Any of them as whole words, the longest first; one in a script without spaces, anywhere."""
    wanted = sorted({folded(phrase) for phrase in phrases} - {""}, key=lambda phrase: (-len(phrase), phrase))
    return re.compile("|".join(map(_phrase, wanted)) or _NEVER)


def _phrase(phrase: str) -> str:
    words = r"\s".join(re.escape(word).replace("'", "'?").replace(r"\-", r"[\s-]?") for word in phrase.split())
    if any(unicodedata.category(one) == "Lo" for one in phrase):
        return words
    return rf"(?<![^\W_]){words}(?:'?s)?(?![^\W_])"


@lru_cache(maxsize=64)
def _project_keys(projects: frozenset[str]) -> re.Pattern[str]:
    """However somebody may put a key of a known project: hot-42, hot 42, hot_42, hot42."""
    keys = "|".join(sorted(re.escape(folded(one)) for one in projects if one.strip()))
    return re.compile(rf"(?<![^\W_])(?:{keys})[\s_#-]{{0,3}}\d+(?![^\W_])" if keys else _NEVER)


_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


def _mixed(text: str) -> Iterator[str]:
    """Words whose letters come from alphabets that look alike: nobody types those by accident."""
    seen = "".join(_shown(one) for one in unicodedata.normalize("NFKC", text))
    for word in _WORD.findall(seen):
        if not word.isascii() and len({script for script in map(_script, word) if script}) > 1:
            yield word.casefold()


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "")
    return next((script for script in _SCRIPTS if name.startswith(script)), "")
