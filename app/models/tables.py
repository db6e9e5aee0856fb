"""All tables of the application database, gathered: importing this fills the MetaData."""

from app.models.attempt import LoginAttempt
from app.models.base import Base
from app.models.event import AuditEvent, ChainHead
from app.models.role import Role
from app.models.session import BrowserSession
from app.models.user import User

METADATA = Base.metadata

__all__ = ["METADATA", "AuditEvent", "BrowserSession", "ChainHead", "LoginAttempt", "Role", "User"]
