"""`firebell render`: what a template of templates/ says, filled with a sample incident or with one of your own."""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from chalicelib.domain.incident import Incident, IssueId
from chalicelib.errors import IntegrationError, SettingsError
from chalicelib.settings import Settings
from cli.jira import jira_of
from cli.secrets import SECRETS_VARIABLE
from cli.settings_file import SHIPPED, SettingsOption, load_or_exit

SAMPLE_KEY = "HOT-42"
PUBLIC = "public/"

TemplateArgument = Annotated[str, typer.Argument(help="Its path below templates/, like chat/brief.txt.")]
IssueOption = Annotated[
    str,
    typer.Option(
        "--issue", help=f"An incident of yours, read from Jira with {SECRETS_VARIABLE}; else the sample is called so."
    ),
]
WithOption = Annotated[
    list[str] | None, typer.Option("--with", help="What is true of it (drill), or which value (about=handover). Repeatable.")
]
LanguageOption = Annotated[str, typer.Option("--language", help="The folder below templates/ that is looked into first.")]


def render(
    template: TemplateArgument,
    issue: IssueOption = SAMPLE_KEY,
    given: WithOption = None,
    language: LanguageOption = "",
    settings: SettingsOption = SHIPPED,
) -> None:
    """Show what a template says, for a sample incident or for one of yours."""
    from chalicelib.adapters.forgiving_words import BROKEN  # these bring jinja2
    from cli.words import TEMPLATES

    folder = TEMPLATES
    if not (folder / template).is_file() or ".." in template:
        names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        raise typer.BadParameter(f"there is no templates/{template}; there are\n  " + "\n  ".join(names), param_hint="template")
    known = load_or_exit(settings)
    incident = _read(known, issue)
    try:
        said = filled(folder, template, facts_of(incident, issue, known, template), given or (), language)
    except BROKEN as error:
        typer.echo(f"templates/{template} is broken: {error}; ./firebell check says where", err=True)
        raise typer.Exit(1) from error
    typer.echo(said.rstrip())


def _read(known: Settings, key: str) -> Incident | None:
    """The incident as Jira has it; None, with the reason on stderr, where there is only the sample."""
    text = os.environ.get(SECRETS_VARIABLE)
    if key == SAMPLE_KEY or not text:
        typer.echo(f"(a sample that is called {key})", err=True)
        return None
    try:
        found = jira_of(known, text).read(IssueId(key))
    except (IntegrationError, SettingsError) as error:
        typer.echo(f"(a sample that is called {key}: {error})", err=True)
        return None
    if isinstance(found, Incident):
        return found
    typer.echo(f"(a sample that is called {key}: Jira has no such incident)", err=True)
    return None


PIECES = {
    "who": "Mia Moore",
    "manager": "Mia Moore",
    "new": "Emma Reyes",
    "left": "Mia Moore",
    "holders": "Emma Reyes",
    "reporter": "Emma Reyes",
    "role": "Tech lead",
    "severity": "1",
    "before": "2",
    "summary": "Checkout is down",
    "service": "Bitbucket",
    "products": "Jira and Bitbucket",
    "since": "2026-11-23 03:00 UTC",
    "called": "databases",
    "relief": "Incident managers on call",
}
"""What stands in braces, in the sample incident; what is not here is shown by its name."""


def facts_of(incident: Incident | None, key: str, known: Settings, template: str) -> dict[str, str]:
    """What of an incident can stand in for a sample's values, by the names that templates have for it."""
    from chalicelib.artifacts.last_word import listed, severity_words
    from chalicelib.domain.routing import fold_name
    from chalicelib.domain.text import one_line
    from cli.samples import LINK

    link = LINK.replace(SAMPLE_KEY, key)
    if incident is None:
        return {"key": key, "issue": f"{key} ({link})", "issue_link": link, "url": link, "link": link}
    if template.startswith(PUBLIC):
        products = (known.telling.policy.products.get(fold_name(name)) for name in incident.products)
        return {"products": listed([one.public for one in products if one is not None and one.public])}
    number = str(incident.severity.value)
    return {
        "key": incident.key,
        "issue": f"{incident.key} ({incident.url})",
        **dict.fromkeys(("issue_link", "url", "link"), incident.url),
        "severity": severity_words(incident.severity) if template.startswith("updates/") else number,
        "summary": one_line(incident.summary),
        "service": incident.service or "not known",
        "products": listed(incident.products) or "not known",
        **({"reporter": incident.reporter.name} if incident.reporter else {}),
        **(dict.fromkeys(("manager", "who"), incident.assignee.name) if incident.assignee else {}),
    }


def filled(
    folder: Path, template: str, facts: Mapping[str, str], given: tuple[str, ...] | list[str], language: str = ""
) -> str:
    """facts: instead of the sample's texts of the same name. given: flags that are true, and "name=value"."""
    from chalicelib.adapters.jinja_words import JinjaWords
    from chalicelib.domain.rich_text import compose, plain
    from cli.samples import SAMPLES, Sample

    if template.startswith("report/"):
        raise typer.BadParameter("templates/report is filled by: firebell report", param_hint="TEMPLATE")
    if template.startswith(("page/", "command/")):
        names = Template((folder / template).read_text("utf-8"))
        return names.safe_substitute({**{name: f"<{name}>" for name in names.get_identifiers()}, **PIECES, **facts})
    sample = SAMPLES.get(template, Sample())
    values: dict[str, Hashable] = {name: choices[-1] for name, choices in sample.values.items()}
    values |= {name: facts[name] for name, value in values.items() if isinstance(value, str) and name in facts}
    values |= dict.fromkeys(sample.flags, False)
    for one in given:
        name, is_value, text = one.partition("=")
        if name not in sample.names:
            listed = ", ".join(sorted(sample.names)) or "nothing"
            raise typer.BadParameter(
                f"templates/{template} does not ask for {name!r}; it asks for {listed}", param_hint="--with"
            )
        values[name] = text if is_value else True
    said = JinjaWords(folder, language).render(template, **values)
    if sample.pieces is None:
        return said
    return plain(compose(said, **{name: facts.get(name) or PIECES.get(name, f"<{name}>") for name in sample.pieces}))
