"""The web pages: drawn on the server, readable without JavaScript, each a pure function of a frozen view."""
