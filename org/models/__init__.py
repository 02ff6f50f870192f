"""Models of the organisation."""

from org.models.calendar import CalendarDay, CalendarVersion, Shift
from org.models.logins import LogIn
from org.models.people import Company, Department, Membership, Person

__all__ = [
    "CalendarDay",
    "CalendarVersion",
    "Company",
    "Department",
    "LogIn",
    "Membership",
    "Person",
    "Shift",
]
