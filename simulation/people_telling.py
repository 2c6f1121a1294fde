"""What people order, and do to what was told. What cannot be done at that moment is left undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chalicelib.domain.announcement import DRILL_PAGE, PUBLIC_PAGE, STAFF_PAGE
from sandbox.company import EMMA, MIA, OMAR, PIA, PRODUCTS
from sandbox.jira import schema as names
from sandbox.jira.model import JiraComment, JiraIssue, JiraModel, JiraUser
from sandbox.jira.schema import DRILL_LABEL, PRIVATE_LABEL
from sandbox.status.model import RESOLVED
from simulation.newsroom import PAGE_IDS, Newsroom
from simulation.telling_watch import OrderFacts, Version

TellAct = Callable[[Newsroom, JiraModel, JiraIssue], None]
PEOPLE = {user.account_id: user for user in (EMMA, MIA, OMAR, PIA)}


def _order(asked: str, *, more: str = "", by: JiraUser | None = None) -> TellAct:
    """Whoever has the incident writes it. more: "{key}" becomes the issue's."""

    def done(newsroom: Newsroom, model: JiraModel, issue: JiraIssue) -> None:
        author = by or PEOPLE.get(issue.assignee.account_id if issue.assignee else "", MIA)
        token = newsroom.token()
        comment = model.comment(issue, f"{asked}: Baskets stay empty, {token}.{more.format(key=issue.key)}", author)
        version = Version(newsroom.loop.now_ms, token, leaks=bool(more))
        newsroom.sees.of(issue.id).orders[comment.id] = OrderFacts(
            author.account_id, asked.startswith("public"), asked, [version]
        )

    return done


def _newest(newsroom: Newsroom, issue: JiraIssue) -> tuple[JiraComment, OrderFacts] | None:
    orders = newsroom.sees.of(issue.id).orders
    found = [(comment, orders[comment.id]) for comment in issue.comments if comment.id in orders]
    return found[-1] if found else None


def _edit(more: str = "") -> TellAct:
    def done(newsroom: Newsroom, model: JiraModel, issue: JiraIssue) -> None:
        found = _newest(newsroom, issue)
        if found is not None:
            comment, order = found
            token = newsroom.token()
            order.versions.append(Version(newsroom.loop.now_ms, token, leaks=bool(more)))
            text = f"{order.asked}: Baskets are slow, {token}.{more.format(key=issue.key)}"
            model.edit_comment(issue, comment, text, PEOPLE[order.account], notify=True)

    return done


def _take_back(newsroom: Newsroom, model: JiraModel, issue: JiraIssue) -> None:
    found = _newest(newsroom, issue)
    if found is not None:
        comment, order = found
        order.versions.append(Version(newsroom.loop.now_ms, ""))
        model.delete_comment(issue, comment, PEOPLE[order.account])


def _say_visible(value: str) -> TellAct:
    def done(newsroom: Newsroom, model: JiraModel, issue: JiraIssue) -> None:
        del newsroom
        model.set_field(issue, names.CUSTOMER_VISIBLE, {"value": value}, EMMA)

    return done


def _label(*labels: str) -> TellAct:
    return lambda newsroom, model, issue: model.set_field(issue, "labels", list(labels), EMMA)


def _name_products(*products: str) -> TellAct:
    return lambda newsroom, model, issue: model.set_field(issue, names.PRODUCTS, [{"value": one} for one in products], EMMA)


def _delete_on(page: str) -> TellAct:
    def done(newsroom: Newsroom, model: JiraModel, issue: JiraIssue) -> None:
        del model
        ours = newsroom.sees.of(issue.id)
        for incident_id in ours.opened[page]:
            if incident_id in newsroom.status_model.page(PAGE_IDS[page]).incidents:
                newsroom.status_model.delete(PAGE_IDS[page], incident_id)
                ours.deleted.add(page)

    return done


def _resolve_on(page: str) -> TellAct:
    def done(newsroom: Newsroom, model: JiraModel, issue: JiraIssue) -> None:
        del model
        ours, status = newsroom.sees.of(issue.id), newsroom.status_model
        for incident_id in ours.opened[page]:
            found = status.page(PAGE_IDS[page]).incidents.get(incident_id)
            if found is not None and found.status != RESOLVED:
                status.change(PAGE_IDS[page], incident_id, {"status": RESOLVED, "body": "It is over."})
                ours.ended[page] = newsroom.loop.now_ms

    return done


def _resolve_as_duplicate(newsroom: Newsroom, model: JiraModel, issue: JiraIssue) -> None:
    del newsroom
    if issue.status != "Resolved":
        model.transition(issue, "Resolved", MIA, "Duplicate")


TELL_ACTS: Mapping[str, TellAct] = {
    "order an update": _order("update"),
    "order one for customers": _order("public"),
    "order that it is identified": _order("public identified"),
    "order an outage": _order("public partial_outage"),
    "order that it is over": _order("public resolved"),
    "order a leak": _order("public", more=" See {key}."),
    "order a name": _order("public", more=f" Ask {EMMA.name}."),
    "show a draft": _order("draft: update"),
    "somebody else orders": _order("public", by=PIA),
    "edit the order": _edit(),
    "edit a leak into it": _edit(" See {key}."),
    "take the order back": _take_back,
    "say that customers notice": _say_visible("Yes"),
    "say that customers do not": _say_visible("No"),
    "name the products": _name_products(*PRODUCTS),
    "name another product": _name_products(PRODUCTS[1]),
    "hush it up": _label(PRIVATE_LABEL),
    "call it a drill": _label(DRILL_LABEL),
    "speak of it again": _label(),
    "delete it for staff": _delete_on(STAFF_PAGE),
    "delete it for customers": _delete_on(PUBLIC_PAGE),
    "delete the drill": _delete_on(DRILL_PAGE),
    "end it for staff": _resolve_on(STAFF_PAGE),
    "end it for customers": _resolve_on(PUBLIC_PAGE),
    "resolve as a duplicate": _resolve_as_duplicate,
    "Pia takes over": lambda newsroom, model, issue: model.assign(issue, PIA, PIA),
}


def act_in_newsroom(what: str, newsroom: Newsroom, model: JiraModel, issue: JiraIssue) -> None:
    if not issue.deleted:
        TELL_ACTS[what](newsroom, model, issue)
