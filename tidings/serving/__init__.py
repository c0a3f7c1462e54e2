"""The web server: the application, who may use it, and what stands around every answer."""
