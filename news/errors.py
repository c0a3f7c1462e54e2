"""Every error that tidings raises on purpose.

    TidingsError
    ├── ConfigError          a setting, an option or a site file is wrong
    ├── UrlError             an address that we will not ask for
    ├── QueryError           a search that cannot be made
    ├── SourceError          a source is unknown, paused, or held by somebody else
    │   ├── UnknownSourceError  there is no source or run of that name or number
    │   └── LeaseError       the host is being crawled elsewhere
    ├── ExtractionError      a page cannot be read with the declared selectors
    │   └── ChannelError     a feed, an interface or a sitemap cannot be read
    ├── RecordingError       a recording is missing, damaged or not ours
    │   └── NotRecordedError a replay asked for something that was never recorded
    ├── DeliveryError        a target did not take a digest
    └── StorageError         the database cannot be opened, written or trusted
        ├── UnknownError     nothing that is stored has that name or number
        ├── DigestError      a stored digest was altered, or another version of tidings composed it
        └── SchemaError      the database belongs to another version of tidings

A message says what happened, where, and what to do next; the command line prints it without a traceback.
"""


class TidingsError(Exception):
    """The base of every error that tidings raises on purpose."""


class ConfigError(TidingsError):
    """A setting, an option or a site file is wrong; the message names the file and the key."""


class UrlError(TidingsError, ValueError):
    """An address that tidings will not ask for or print: wrong scheme, no host, user info, control characters."""


class QueryError(TidingsError, ValueError):
    """A search has nothing to look for, or too much; the message says which."""


class SourceError(TidingsError):
    """A source is unknown, paused, or cannot be read as it is declared."""


class UnknownSourceError(SourceError):
    """There is no source, or no run of one, of the name or number that was asked for."""


class LeaseError(SourceError):
    """The source's host is being crawled by somebody else; the message says by whom and until when."""


class ExtractionError(TidingsError):
    """A page cannot be read with the declared selectors."""


class ChannelError(ExtractionError):
    """A feed, an answer of WordPress's interface or a sitemap cannot be read; ``reason`` says why in one word.

    The reasons are those of `crawler.channels.refusal.Refusal`; discovery goes on down its ladder by them.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class RecordingError(TidingsError):
    """A recording is missing, damaged, or was not made by tidings."""


class NotRecordedError(RecordingError):
    """A replay asked for something that the recording does not hold."""


class DeliveryError(TidingsError):
    """A target did not take a digest; the message says why, in words that hold no secret.

    Args:
        message: what happened.
        permanent: the receiver has refused this very message, and would do so again.
        retry_after_seconds: how long the receiver asks to be left in peace.
        gone: the receiver wants nothing more at all.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after_seconds: float | None = None,
        gone: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after_seconds = retry_after_seconds
        self.gone = gone


class StorageError(TidingsError):
    """The database cannot be opened, written or trusted."""


class UnknownError(StorageError):
    """Nothing that is stored has the name or number that was asked for; the database itself is well."""


class DigestError(StorageError):
    """One stored digest cannot be trusted or read; it says nothing of the others."""


class SchemaError(StorageError):
    """The database belongs to another version of tidings."""
