"""All tables of the application database, gathered: importing this fills the MetaData."""

from app.models.alert import Alert, AlertCheck, AlertEvent, AlertLeft, AlertLetter, AlertSilence, AlertStanding
from app.models.attempt import LoginAttempt
from app.models.base import Base
from app.models.comment import Comment, Mention, MentionLetter
from app.models.delivery import Delivery
from app.models.display import Display
from app.models.document import KeptDocument, PaperLink
from app.models.embed import EmbedAssertion, EmbedGrant, EmbedKey
from app.models.event import AuditEvent, ChainHead
from app.models.hook import Hook, HookCursor, HookDelivery, HookNotice
from app.models.ingest import IngestBatch, IngestDay, IngestPiece, IngestSheaf, IngestTurn
from app.models.job import ExportJob
from app.models.named_set import NamedSet
from app.models.note import CustomerNote
from app.models.permalink import Permalink
from app.models.preference import Preference
from app.models.refresh import Refresh
from app.models.report import KeptReport, ReportFile, ReportInstance, ReportVersion
from app.models.request import Allowance, KeptAnswer
from app.models.role import Role
from app.models.schedule import Grant, Run, Schedule, Unsubscribed
from app.models.segmentation import KeptSegmentation
from app.models.session import BrowserSession
from app.models.template import PaperTemplate
from app.models.token import ApiToken
from app.models.user import User
from app.models.view import SavedView, ViewDefault, ViewUse

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "Alert",
    "AlertCheck",
    "AlertEvent",
    "AlertLeft",
    "AlertLetter",
    "AlertSilence",
    "AlertStanding",
    "Allowance",
    "ApiToken",
    "AuditEvent",
    "BrowserSession",
    "ChainHead",
    "Comment",
    "CustomerNote",
    "Delivery",
    "Display",
    "EmbedAssertion",
    "EmbedGrant",
    "EmbedKey",
    "ExportJob",
    "Grant",
    "Hook",
    "HookCursor",
    "HookDelivery",
    "HookNotice",
    "IngestBatch",
    "IngestDay",
    "IngestPiece",
    "IngestSheaf",
    "IngestTurn",
    "KeptAnswer",
    "KeptDocument",
    "KeptReport",
    "KeptSegmentation",
    "LoginAttempt",
    "Mention",
    "MentionLetter",
    "NamedSet",
    "PaperLink",
    "PaperTemplate",
    "Permalink",
    "Preference",
    "Refresh",
    "ReportFile",
    "ReportInstance",
    "ReportVersion",
    "Role",
    "Run",
    "SavedView",
    "Schedule",
    "Unsubscribed",
    "User",
    "ViewDefault",
    "ViewUse",
]
