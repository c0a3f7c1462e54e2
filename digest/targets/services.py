"""Everything else: the services that Apprise knows, from chats to text messages. An extra, since few need it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from digest.formats import Format, render
from digest.targets.letters import subject_of
from digest.targets.target import Carriage, Parcel
from digest.wording import line
from news.errors import ConfigError, DeliveryError

if TYPE_CHECKING:
    from apprise import NotifyBase

FORMATS = (Format.TEXT, Format.MARKDOWN, Format.HTML)


class ServiceTarget:
    """Sends each digest through one service.

    Args:
        service: Apprise's own object for it.
        format: what the digests are rendered as; Apprise turns it into what the service takes.
        carriage: what all targets share.
    """

    def __init__(self, service: NotifyBase, format: Format, carriage: Carriage) -> None:  # noqa: A002
        self._service = service
        self._format = format
        self._carriage = carriage

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secret: str, carriage: Carriage) -> ServiceTarget:
        """Return the target that stored options describe; its whole address is the secret.

        Raises:
            ConfigError: Apprise is not installed, or knows no such service.
        """
        try:
            import apprise
        except ImportError as error:
            raise ConfigError("apprise: it is not installed; `pip install 'tidings[apprise]'`") from error
        shape = str(options.get("format", Format.TEXT))
        if shape not in FORMATS:
            raise ConfigError(f"format {shape!r}: Apprise takes {', '.join(FORMATS)}")
        asset = apprise.AppriseAsset(app_id="tidings", async_mode=False, secure_logging=True)
        service = apprise.Apprise.instantiate(secret.strip(), asset=asset) if secret.strip() else None
        if service is None:
            raise ConfigError("apprise: it knows no service of this address, or the address is incomplete")
        return cls(service, Format(shape), carriage)

    @property
    def place(self) -> str:
        """Say which service it is; all else of an address may be secret."""
        return line(str(self._service.service_name)) or "a service"

    def send(self, parcel: Parcel) -> None:
        import apprise

        courier = apprise.Apprise(asset=self._service.asset)
        courier.add(self._service)
        accepted = courier.notify(
            body=render(parcel.digest, self._format),
            title=subject_of(parcel.digest),
            body_format=str(self._format),
            interpret_escapes=False,
        )
        if not accepted:
            raise DeliveryError(f"{self.place} did not take it; Apprise's words stand in the log")
