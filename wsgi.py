"""The WSGI application that a production server loads."""

from app.assembly import assemble
from app.config import read_settings
from app.factory import create_app

application = create_app(assemble(read_settings()))
