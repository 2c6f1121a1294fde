"""The secrets in FIREBELL_SECRETS, and what people put there instead."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from chalicelib.errors import SettingsError

if TYPE_CHECKING:
    from chalicelib.ports.secrets import Secrets

SECRETS_VARIABLE = "FIREBELL_SECRETS"


def secrets_in(text: str) -> Secrets:
    """text: the JSON. Raises SettingsError where it is none, never with a value."""
    from chalicelib.adapters.secrets_manager import parse_secrets  # brings botocore

    try:
        return parse_secrets(text)
    except SettingsError:
        path = text.strip().removeprefix("file://")
        if os.path.isfile(path):
            advice = f'{SECRETS_VARIABLE}="$(cat {path})"'
            raise SettingsError((f"{SECRETS_VARIABLE} takes the JSON itself, not a file's name: write {advice}",)) from None
        raise
