"""A digest of alerts has the documented shape also where it is written while it is read."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from digest.due import DueDigests
from digest.json import digest_json
from tests.digest.ailing import NOW, breaks, watch
from tests.digest.logs import Log
from tests.serving.serving import serving
from tests.tidings.documented import faults


def test_programs_read_alerts_as_they_were_stored(engine: Engine) -> None:
    log = Log(engine)
    log.source("a", language="en")
    watch(engine)
    breaks(engine, "a", NOW - timedelta(hours=1))
    [digest] = DueDigests(engine).compose(now=NOW)
    with serving(engine) as site:
        told = site.api("/subscriptions/duty/digests/1")
        assert faults(told, "digest") == []
        assert told == digest_json(digest)
        assert faults(site.api("/subscriptions/duty"), "subscription") == []
        assert site.ask("/api/v1/subscriptions/duty/digests/1/changes").body == b""
