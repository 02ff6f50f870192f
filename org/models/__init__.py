"""Models of the organisation."""

from org.models.calendar import CalendarDay, CalendarVersion, Shift
from org.models.entry import Knock, PasswordSet, RecoveryCode, SecondFactor
from org.models.logins import LogIn
from org.models.people import Company, Department, Membership, Person

__all__ = [
    "CalendarDay",
    "CalendarVersion",
    "Company",
    "Department",
    "Knock",
    "LogIn",
    "Membership",
    "PasswordSet",
    "Person",
    "RecoveryCode",
    "SecondFactor",
    "Shift",
]
