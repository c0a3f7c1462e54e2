"""The kinds of targets by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from digest.targets.files import FileTarget
from digest.targets.mail import MailTarget
from digest.targets.services import ServiceTarget
from digest.targets.target import Carriage, Target
from digest.targets.webhooks import WebhookTarget
from news.errors import ConfigError


def target_for(kind: str, options: Mapping[str, Any], secret: str, carriage: Carriage) -> Target:
    """Return the target that is stored as this.

    Raises:
        ConfigError: there is no such kind, or what it needs is missing or wrong.
    """
    match kind:
        case "file":
            return FileTarget.from_options(options)
        case "mail":
            return MailTarget.from_options(options, carriage)
        case "apprise":
            return ServiceTarget.from_options(options, secret, carriage)
        case "webhook":
            return WebhookTarget.from_options(options, secret, carriage)
    raise ConfigError(f"target: there is no kind {kind!r}; tidings may be older than its database")
