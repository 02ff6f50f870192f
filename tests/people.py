"""The people of the tests: in three companies one person for each role, and a stranger from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password

from flow.events import By
from org.models import Company, Department, Membership, Person
from org.roles import Role

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Monday, the first minute of the working morning that most tests speak of.
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
PASSWORD = "switchgear-2026"
SINCE = date(2026, 1, 1)

# department code → its name, its leader's role, the roles that work in it
DEPARTMENTS: dict[str, tuple[str, Role, tuple[Role, ...]]] = {
    "SALES": ("产品销售部", Role.SALES_LEADER, (Role.SALES_CLERK, Role.SALESPERSON)),
    "ORDERS": ("合同订单管理部", Role.ORDER_MGR, (Role.ORDER_DESK,)),
    "MARKET": ("市场部", Role.MARKETING, (Role.PM,)),
    "PLAN": ("计划部", Role.PLAN_SUPERVISOR, (Role.PLANNER, Role.MAT_CONTROLLER)),
    "PROD": ("生产部", Role.PROD_LEADER, (Role.PROD_MGR, Role.PACK_LEADER, Role.PACKER)),
    "SHOP": (
        "车间",
        Role.WORKSHOP_DIRECTOR,
        (Role.WS_LEADER, Role.TEAM_LEADER, Role.ASSEMBLER, Role.PICKER, Role.SHEET_METAL, Role.PROCESS_ENG),
    ),
    "TECH": ("技术部", Role.TECH_LEADER, (Role.ENGINEER,)),
    "PURCH": ("采购部", Role.PURCH_LEADER, (Role.BUYER,)),
    "QC": ("质检部", Role.QC_LEADER, (Role.INSPECTOR,)),
    "STORE": ("仓储部", Role.LOGISTICS_LEADER, (Role.STOREKEEPER, Role.FG_KEEPER)),
    "SHIP": ("储运部", Role.SHIP_LEADER, (Role.SHIPPER, Role.GUARD, Role.FREIGHT_AUDITOR)),
    "SERVICE": ("售后服务部", Role.SERVICE_LEADER, (Role.SERVICE_ENG,)),
    "OFFICE": (
        "总经理办公室",
        Role.GM,
        (
            Role.DEPUTY_GM,
            Role.PROD_VP,
            Role.GROUP_GM,
            Role.BU_LEADER,
            Role.COMPANY_LEADER,
            Role.SENIOR_MGMT,
            Role.FINANCE,
            Role.EVALUATOR,
            Role.ADMIN,
        ),
    ),
}


@dataclass
class People:
    """The group with its companies, and who works there.

    `person(role)` is the one who holds it in KG (username: the role's code); in another company the username
    starts with its code (`hg_buyer`). The stranger holds every role, in a company that has no part in this.
    """

    group: Company = field(init=False)
    kg: Company = field(init=False)
    hg: Company = field(init=False)
    ct: Company = field(init=False)
    elsewhere: Company = field(init=False)
    stranger: Person = field(init=False)
    _people: dict[str, Person] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        kind, many = Company.Kind, Company.objects.bulk_create
        self.group = Company.objects.create(code="G", name="东海电气集团", kind=kind.GROUP)
        self.kg, self.hg, self.ct, self.elsewhere = many(
            [
                self._company("KG", "东海开关公司", kind.PRODUCT),
                self._company("HG", "东海互感器公司", kind.PRODUCT, profile=Company.Profile.T7),
                self._company("CT", "成套事业部", kind.BUSINESS_UNIT),
                self._company("XB", "西北销售公司", kind.SALES),
            ]
        )
        self._staff((self.kg, self.hg, self.ct))
        self.stranger = Person.objects.create(username="stranger", name="外人", password=_hashed())
        Membership.objects.bulk_create(
            Membership(person=self.stranger, role=role, company=self.elsewhere, starts_on=SINCE)
            for role in Role
        )

    def person(self, role: str, company: Company | None = None) -> Person:
        """Who holds `role` in the company (KG unless said)."""
        return self._people[_username(role, company or self.kg)]

    def by(self, role: str, *, at: datetime = NINE, company: Company | None = None, **later: float) -> By:
        """The holder of `role` acting at a moment; `by("buyer", hours=4)` is four hours after nine."""
        return By(self.person(role, company), at + timedelta(**later))

    def appoint(self, role: str, *, company: Company | None = None, username: str) -> Person:
        """One more holder of `role`."""
        person = Person.objects.create(username=username, name=username, password=_hashed())
        Membership.objects.create(person=person, role=role, company=company or self.kg, starts_on=SINCE)
        return person

    def dismiss(self, role: str, *, company: Company | None = None) -> None:
        """Leave the post empty from now on."""
        Membership.objects.filter(role=role, company=company or self.kg).delete()

    def _company(self, code: str, name: str, kind: str, profile: str = Company.Profile.T5) -> Company:
        return Company(code=code, name=name, kind=kind, parent=self.group, profile=profile)

    def _staff(self, companies: tuple[Company, ...]) -> None:
        """All departments and people at once: most tests begin with them."""
        departments = Department.objects.bulk_create(
            Department(company=company, code=code, name=name)
            for company in companies
            for code, (name, _leader, _roles) in DEPARTMENTS.items()
        )
        posts = [
            (department, role)
            for department in departments
            for role in (DEPARTMENTS[department.code][1], *DEPARTMENTS[department.code][2])
        ]
        people = Person.objects.bulk_create(_holder(department, role) for department, role in posts)
        self._people |= {person.username: person for person in people}
        for department in departments:
            department.leader = self.person(DEPARTMENTS[department.code][1], department.company)
        Department.objects.bulk_update(departments, ["leader"])
        Membership.objects.bulk_create(
            Membership(
                person=person, role=role, company=department.company, department=department, starts_on=SINCE
            )
            for (department, role), person in zip(posts, people, strict=True)
        )


def _holder(department: Department, role: Role) -> Person:
    company = department.company
    name = str(role.label) if company.code == "KG" else f"{company.code} {role.label}"
    return Person(username=_username(role, company), name=name, password=_hashed(), department=department)


_kept_hash: list[str] = []


def _hashed() -> str:
    """The password's hash, computed once a run."""
    if not _kept_hash:
        _kept_hash.append(make_password(PASSWORD))
    return _kept_hash[0]


def _username(role: str, company: Company) -> str:
    return str(role) if company.code == "KG" else f"{company.code.lower()}_{role}"
