"""How states look: good, worth a look, or bad."""

from __future__ import annotations

TONES = {
    "ok": "good",
    "not modified": "good",
    "partial": "warn",
    "suspect": "bad",
    "failed": "bad",
}
"""How a state looks; what is not here is neither good nor bad."""
