"""The request id from the caller through ASGI and WSGI applications to the services that they call."""
