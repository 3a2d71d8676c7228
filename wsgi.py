"""The WSGI application: `gunicorn wsgi:app`, `flask --app wsgi …`."""

from app import create_app
from app.config import load_config

app = create_app(load_config())
