"""What only Slack can know of the secrets: whether its tokens are good, and may do what Firebell asks of them."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.adapters.slack import SCOPES, USER_SCOPES
from chalicelib.adapters.slack_calls import identify
from chalicelib.adapters.slack_http import SlackSession
from chalicelib.errors import IntegrationError
from chalicelib.ports.secrets import Secrets
from chalicelib.settings_places import ChatSettings
from cli.manner import AT_A_DESK


def problems_with_scopes(chat: ChatSettings | None, secrets: Secrets) -> Iterator[str]:
    """One line each, beginning with the secret. One token's failure hides no other's answer."""
    if chat is None:
        return
    tokens = (
        ("slack_bot_token", secrets.slack_bot_token, SCOPES),
        ("slack_user_token", secrets.slack_user_token, USER_SCOPES),
    )
    for name, token, needed in tokens:
        if token:  # that it is missing is said already
            try:
                granted = identify(SlackSession(chat.base_url, token, **AT_A_DESK)).scopes
            except IntegrationError as error:
                yield f"secret {name}: {error}"
                continue
            if granted is not None and (missing := sorted(needed - granted)):
                lacks = f"lacks the scopes {', '.join(missing)}"
                yield f"secret {name}: {lacks}; add them in the Slack app's settings and reinstall it"
