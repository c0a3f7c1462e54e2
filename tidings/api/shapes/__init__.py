"""The shapes of docs/json.md as types, from which the description of the API is made."""
