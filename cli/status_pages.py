"""What only Statuspage can know of the settings: whether its pages and components are there."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.adapters.turns import unlimited
from chalicelib.errors import IntegrationError
from chalicelib.ports.secrets import Secrets
from chalicelib.settings_telling import PageSettings, TellingSettings
from chalicelib.vendors import status_page_client
from cli.manner import AT_A_DESK


def problems_with_pages(telling: TellingSettings, secrets: Secrets) -> Iterator[str]:
    """One line each, beginning with the table. A page that does not answer hides no other's answer."""
    pages = telling.status_pages
    if pages is None or not secrets.statuspage_token:  # that it is missing is said already
        return
    products = telling.policy.products.values()
    asked: tuple[tuple[str, PageSettings | None, list[str]], ...] = (
        ("staff", pages.staff, [product.staff_component for product in products]),
        ("public", pages.public, [product.public_component for product in products]),
        ("drills", pages.drills, []),
    )
    for name, page, components in asked:
        if page is not None:
            client = status_page_client(pages, page.page_id, secrets, AT_A_DESK, turn=unlimited)
            try:
                problems = client.problems_with([id_ for id_ in components if id_])
            except IntegrationError as error:
                problems = (f"statuspage gave no answer: {error.message}",)
            yield from (f"status_pages.{name}: {problem}" for problem in problems)
