"""The HTTP API under ``/api/v1``: one module a subject, shapes as in docs/json.md."""
