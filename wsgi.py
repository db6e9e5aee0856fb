"""The WSGI application that a production server loads."""

from app.running import make_application

application = make_application()
