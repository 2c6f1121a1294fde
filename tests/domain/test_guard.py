"""Nothing internal becomes public: whatever a reader would recognise is found, however it is dressed up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.guard import COMMON_WORDS, Guarded, Hit, Kind, find_internal, folded, names_of
from chalicelib.domain.incident import Person
from tests.builders import EMMA, MIA, ROBOT

INSIDE = Guarded(
    projects=frozenset({"HOT", "OPS"}),
    hosts=frozenset({"example.net"}),
    own_hosts=frozenset({"meet.example.com"}),
    names=names_of([MIA, EMMA, ROBOT, Person("acc-o", "Omar van der Berg"), Person("acc-t", "田中 太郎")], ["Zoë Quinn"]),
    words=frozenset({"kafka", "project blue", "acc-mia"}),
    allowed=frozenset({"Kafka Cloud", "Mark-9", "Emma's Shop"}),
)

FINE = [
    "We are investigating issues with Payments and will provide updates here soon.",
    "Some payments may fail since 10:30 UTC+2. You will see error 502. UTF-8 and ISO-8601 are fine, as are the top-10.",
    "CVE-2024-1234, CWE-79, AES-256, RSA-2048, RFC-9110 and SHA-256.",
    "HTTP-500 and HTTP-2 in US-East-1, eu-central-1 and AP-SouthEast-2 are fine too.",
    "Read more at https://status.example.com/help?a=b and example.com.",
    "Next update: 12:00 UTC. The root cause is currently unknown.",
    "Customers of Kafka Cloud, Mark-9 and Emma's Shop are affected.",
    "Version 1.2.3 is out; 99.9% of 1,000 orders e.g. in the U.S. went well.",
    "Feedback, redistribution and 3-4 miasmas, for tier-1 customers since mid-2026",
    "Wir untersuchen Störungen bei Zahlungen – bitte entschuldigen Sie. 日本語",
]


@pytest.mark.parametrize("text", FINE)
def test_what_customers_may_read_passes(text: str):
    assert find_internal(text, INSIDE) == ()


@pytest.mark.parametrize(
    ("text", "word", "kind"),
    [
        ("see HOT-42.", "hot-42", Kind.KEY),
        ("see hot 42 for more", "hot 42", Kind.KEY),
        ("see hot42", "hot42", Kind.KEY),
        ("as in WEBSITE-7", "website-7", Kind.KEY),
        ("as in Website_2\u20117", "website_2-7", Kind.KEY),
        ("as in ＷＥＢ\u200b-7", "web-7", Kind.KEY),
        ("as in %57EB-7", "web-7", Kind.KEY),
        ("ask mia@example.com", "mia@example.com", Kind.MAIL),
        ("https://wiki.example.net/x", "wiki.example.net", Kind.ADDRESS),
        ("on example.net", "example.net", Kind.ADDRESS),
        ("join meet.example.com/abc", "meet.example.com", Kind.ADDRESS),
        ("db1.eu.internal is slow", "db1.eu.internal", Kind.ADDRESS),
        ("http://grafana/d/1", "http://grafana", Kind.ADDRESS),
        ("http://public.example.com@grafana:3000/d", "http://public.example.com@grafana:3000", Kind.ADDRESS),
        ("http://grafana.", "http://grafana.", Kind.ADDRESS),
        ("the dashboard (http://grafana).", "http://grafana).", Kind.ADDRESS),
        ("the dashboard (http://grafana:3000).", "http://grafana:3000).", Kind.ADDRESS),
        ("http://[fe80::1]:80/", "http://[fe80::1]:80", Kind.ADDRESS),
        ("host 10.0.3.17 is down", "10.0.3.17", Kind.ADDRESS),
        ("We moved it to 10.0.3.17.", "10.0.3.17", Kind.ADDRESS),
        ("It ran on 10.0.3.17...", "10.0.3.17", Kind.ADDRESS),
        ("redis.prod.internal\u2014our main one\u2014is slow", "redis.prod.internal", Kind.ADDRESS),
        ("db1.example.net\u2013db4.example.net are slow", "db1.example.net", Kind.ADDRESS),
        ("Slow...db1.example.net is back", "db1.example.net", Kind.ADDRESS),
        ("Slow\u2026wiki.example.net--and more", "wiki.example.net", Kind.ADDRESS),
        ("wiki[.]example[.]net", "wiki.example.net", Kind.ADDRESS),
        ("https://wiki%2Eexample%2Enet", "wiki.example.net", Kind.ADDRESS),
        ("Mia Moore looks at it", "mia moore", Kind.PERSON),
        ("mia looks at it", "mia", Kind.PERSON),
        ("Moore's team", "moore's", Kind.PERSON),
        ("Berg knows", "berg", Kind.PERSON),
        ("zoe has it", "zoe", Kind.PERSON),
        ("今田中さんが", "田中", Kind.PERSON),
        ("in #hot-room now", "#hot-room", Kind.CHAT),
        ("<@U0123ABCD> looks", "<@u0123abcd>", Kind.CHAT),
        ("room C0123456789", "c0123456789", Kind.CHAT),
        ("@mmoore has it", "@mmoore", Kind.CHAT),
        ("@712020:fd5c-11 has it", "@712020:fd5c-11", Kind.CHAT),
        ("@łukasz nowak has it", "@lukasz", Kind.CHAT),
        ("@5b10a28 has it", "@5b10a28", Kind.CHAT),
        ("ask [~accountid:712020:fd5c]", "[~accountid:712020:fd5c", Kind.CHAT),
        ("see people/712020:0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f", "712020:0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f", Kind.CHAT),
        ("in #łódź-room now", "#lodz-room", Kind.CHAT),
        ("our Kafka is down", "kafka", Kind.WORD),
        ("of kafka-01", "kafka", Kind.WORD),
        ("Project\nBlue", "project blue", Kind.WORD),
        ("by acc-mia", "acc-mia", Kind.WORD),
        ("see HОT-42", "hоt", Kind.ALPHABETS),
    ],
)
def test_what_belongs_inside_is_found_and_named(text: str, word: str, kind: Kind):
    assert Hit(word, kind) in find_internal(text, INSIDE)


@pytest.mark.parametrize(
    "disguise",
    [
        pytest.param(lambda word: "\u200b".join(word), id="zero width space"),
        pytest.param(lambda word: "\u00ad".join(word), id="soft hyphen"),
        pytest.param(lambda word: "\u2060".join(word), id="word joiner"),
        pytest.param(lambda word: "\ufe0f".join(word), id="variation selector"),
        pytest.param(lambda word: "\u0332".join(word), id="underlined"),
        pytest.param(lambda word: "\u3164".join(word), id="a letter without a shape"),
        pytest.param(lambda word: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word), id="full width"),
        pytest.param(lambda word: word.upper(), id="capitals"),
        pytest.param(lambda word: word.replace("-", "\u2011"), id="a dash that does not break"),
        pytest.param(lambda word: word.replace("-", "–"), id="a longer dash"),
        pytest.param(lambda word: word.replace(" ", "\u00a0"), id="a space that does not break"),
        pytest.param(lambda word: f"*{word}*", id="between stars"),
        pytest.param(lambda word: f"_{word}_", id="between underscores"),
        pytest.param(lambda word: f"«{word}»", id="quoted"),
    ],
)
@pytest.mark.parametrize("word", ["hot-42", "mia moore", "kafka", "db.internal", "mia@example.com"])
def test_no_disguise_helps(word: str, disguise):
    assert find_internal(f"It is {disguise(word)} again", INSIDE)


def test_a_product_is_allowed_and_what_is_longer_than_its_name_is_not():
    guarded = Guarded(words=frozenset({"blue ledger", "blue"}), allowed=frozenset({"Blue"}))
    assert find_internal("Blue is slow", guarded) == ()
    assert find_internal("The blue ledger is slow", guarded) == (Hit("blue ledger", Kind.WORD),)


def test_parts_of_names_that_are_everyday_words_count_only_in_full():
    names = names_of([Person("a", "Will Price"), Person("b", "Mark Moore"), Person("c", "Customer Support")])
    guarded = Guarded(names=names)
    assert find_internal("This will be fixed; the price is right; please mark it; ask customer support", guarded) == ()
    assert find_internal("will moore", guarded) == (Hit("moore", Kind.PERSON),)
    assert find_internal("Mark Moore", guarded) == (Hit("mark moore", Kind.PERSON),)


@pytest.mark.parametrize("name", ["john.smith", "john_smith", "john smith"])
def test_a_name_without_capitals_is_found_as_it_is_written_and_in_parts(name: str):
    guarded = Guarded(names=names_of([Person("a", name)]))
    for words, hit in ((name, name), ("john smith", "john smith"), ("John", "john"), ("Smith's", "smith's")):
        assert find_internal(f"{words} is on it", guarded) == (Hit(hit, Kind.PERSON),)


@pytest.mark.parametrize("name", ["Pat O'Brien", "Pat O’Brien"])
@pytest.mark.parametrize("typed", ["O'Brien", "O’Brien", "O\u00b4Brien", "O`Brien", "O\u2032Brien", "O\u201bBrien"])
def test_an_apostrophe_is_one_however_an_editor_writes_it(name: str, typed: str):
    assert find_internal(f"{typed} looks", Guarded(names=names_of([Person("a", name)]))) == (Hit("o'brien", Kind.PERSON),)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Pat O'Brien", "OBrien"), ("Anna-Lena Schmidt", "Anna Lena"), ("Anna-Lena Schmidt", "AnnaLena"),
        ("Łukasz Nowak", "Lukasz"), ("Jürgen Müller", "Mueller"), ("Jürgen Müller", "Muller"), ("Søren Kjær", "Soren"),
        ("Søren Kjær", "Soeren"), ("Søren Kjær", "Kjaer"), ("Ågot Berg", "Aagot"),
    ],
)  # fmt: skip
def test_a_name_is_found_as_people_type_it_who_lack_its_letters(name: str, typed: str):
    assert find_internal(f"{typed} looks", Guarded(names=names_of([Person("a", name)])))


def test_small_words_of_a_name_with_capitals_are_no_names():
    guarded = Guarded(names=names_of([Person("a", "Ana van der Berg"), Person("b", "smith support")]))
    assert find_internal("A van of the support team", guarded) == ()
    assert find_internal("Ana van der Berg", guarded) == (Hit("ana van der berg", Kind.PERSON),)


def test_a_program_is_named_in_full():
    assert find_internal("our automation", INSIDE) == ()
    assert find_internal("by Automation for Jira", INSIDE) == (Hit("automation for jira", Kind.PERSON),)


def test_a_word_that_is_found_twice_is_named_once():
    assert find_internal("kafka, Kafka and KAFKA", INSIDE) == (Hit("kafka", Kind.WORD),)


def test_a_known_project_is_found_whatever_its_name_means_elsewhere():
    assert find_internal("see East-1", Guarded(projects=frozenset({"EAST"}))) == (Hit("east-1", Kind.KEY),)


WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=12).filter(lambda word: word not in COMMON_WORDS)
INVISIBLE = st.sampled_from(
    ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u180e", "\u034f", "\u202e", "\U000e0041"]
)


@settings(deadline=None)
@given(WORDS, st.lists(st.tuples(st.integers(0, 12), INVISIBLE), max_size=6), st.booleans(), st.booleans())
def test_a_guarded_word_is_found_whatever_nobody_sees_in_it(word: str, hidden: list[tuple[int, str]], wide: bool, loud: bool):
    typed = word.upper() if loud else word
    typed = "".join(chr(ord(c) + 0xFEE0) for c in typed) if wide else typed
    for at, what in hidden:
        typed = typed[:at] + what + typed[at:]
    assert find_internal(f"It is {typed}.", replace(INSIDE, words=frozenset({word}), allowed=frozenset()))


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_the_guard_and_folding_twice_changes_nothing(text: str):
    find_internal(text, INSIDE)
    assert folded(folded(text)) == folded(text)
