"""Production at its faces: what a program sends is bound to the forms, what it gets back can be read."""

from __future__ import annotations

from typing import Any

import pytest

from flow.actions import Action
from flow.binding import bind
from flow.models import Document
from flow.policy import Viewer
from org.models import Membership
from production import actions as production
from production.forms import DepartmentField
from production.models import Instruction, Plan
from tests.api.conftest import Caller
from tests.people import SINCE
from tests.story import Story

TASK = {"kind": "assemble", "department": "SHOP", "finish_on": "2026-06-05"}
PACK = {"kind": "pack", "department": "KG/PROD", "start_on": "2026-06-15", "finish_on": "2026-06-17"}


def viewer(story: Story, role: str) -> Viewer:
    return Viewer.of(story.factory.person(role), story.at)


def bound(story: Story, action: Action, role: str, fields: dict[str, Any], **more: Any) -> Any:
    return bind(action, viewer=viewer(story, role), at=story.at, fields=fields, strict=True, **more)


def shown(form: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The values as the inputs of the form show them; what is empty is left empty."""
    written = {name: form.base_fields[name].prepare_value(value) for name, value in values.items()}
    return {name: value for name, value in written.items() if value is not None}


def test_a_program_makes_a_plan_with_numbers_codes_and_iso_dates(story: Story) -> None:
    story.instructed()
    fields = {"order": story.order.number, "stock_checked": True, "meeting_attendees": ["technical"]}
    made = bound(story, production.plan.create, "prod_mgr", fields, lines=[TASK, PACK])
    assert made.ok, made.errors
    plan = production.plan.create(by=story.by("prod_mgr"), **made.data)
    lines = [(line.department.company.code, line.department.code) for line in plan.lines.all()]
    assert lines == [("KG", "SHOP"), ("KG", "PROD")]
    assert plan.start_on == plan.lines.first().start_on == plan.lines.first().finish_on


def test_wrong_cells_are_named(story: Story) -> None:
    story.instructed()
    lines = [{**TASK, "department": "NOWHERE"}, {**PACK, "finish_on": "2026-06-01"}, {"kind": "pack"}]
    made = bound(story, production.plan.create, "prod_mgr", {"order": story.order.number}, lines=lines)
    assert {row: set(cells) for row, cells in made.errors["lines"].items()} == {
        "0": {"department"},
        "1": {"finish_on"},
        "2": {"department", "finish_on"},
    }


def test_a_department_is_the_own_companys_unless_another_is_named(story: Story) -> None:
    field = DepartmentField()
    field.narrow(viewer(story, "prod_mgr"))
    assert field.clean("SHOP").company == story.factory.kg
    assert field.clean("HG/SHOP").company == story.factory.hg
    assert field.clean(str(field.clean("HG/SHOP").pk)).company == story.factory.hg


def test_who_works_for_several_companies_names_one(story: Story) -> None:
    person = story.factory.person("prod_mgr")
    Membership.objects.create(person=person, role="prod_mgr", company=story.factory.hg, starts_on=SINCE)
    field = DepartmentField()
    field.narrow(viewer(story, "prod_mgr"))
    with pytest.raises(Exception, match="company/department"):
        field.clean("SHOP")


@pytest.mark.parametrize("name", ["instruction", "plan"])
def test_what_an_edit_form_shows_it_takes_back(story: Story, name: str) -> None:
    story.effective()
    if name == "plan":
        story.drafted(meeting_on=story.at.date(), meeting_attendees=["technical"])
    document: Instruction | Plan = getattr(story, name)
    action: Action = getattr(production, name).edit
    role = "sales_clerk" if name == "instruction" else "prod_mgr"
    form: Any = action.form
    line_form: Any = action.lines
    rows = line_form.offer(document)
    typed = [shown(line_form, row) for row in rows]
    made = bind(
        action,
        viewer=viewer(story, role),
        document=document,
        at=story.at,
        fields=shown(form, form.offer(document)),
        lines=typed,
    )
    assert made.ok, made.errors
    action(document, by=story.by(role), **made.data)
    again: Any = getattr(story, name)
    assert form.offer(again) == form.offer(document)
    assert line_form.offer(again) == rows


def test_every_document_is_listed_and_shown(story: Story) -> None:
    story.planned()
    caller = Caller(story.factory.person("prod_mgr"))
    documents: list[Document] = [
        story.instruction, story.plan, story.tasks["pack"], story.product, story.packaging,
    ]  # fmt: skip
    for document in documents:
        path = f"/api/v1/{document._meta.app_label}/{document.slug}/"
        listed = caller.get(path)
        assert listed.status_code == 200, listed.content
        assert str(document.public_id) in {row["id"] for row in listed.json()["results"]}
        assert caller.get(path, {"q": document.number}).json()["results"]
        answer = caller.get(f"{path}{document.number}/")
        assert answer.status_code == 200, answer.content
        assert answer.json()["state"] == document.state


def test_the_plan_shows_its_needs_and_the_work_order_its_materials(story: Story) -> None:
    story.planned()
    caller = Caller(story.factory.person("prod_mgr"))
    plan = caller.get(f"/api/v1/production/plan/{story.plan.number}/").json()
    assert {row["item"]["number"] for row in plan["lines"]["needs"]} >= {"KYN28A-12", "VS1-12"}
    work_order = caller.get(f"/api/v1/production/work_order/{story.product.number}/").json()
    assert [row["quantity"] for row in work_order["lines"]["materials"]] == ["2.000", "2.000"]


def test_a_program_carries_a_task_through(story: Story) -> None:
    story.planned()
    number = story.tasks["assemble"].number
    director = Caller(story.factory.person("workshop_director"))
    for verb in ("accept", "start", "report_done"):
        answer = director.post(f"/api/v1/production/task/{number}/{verb}/")
        assert answer.status_code == 200, answer.content
    assert director.post(f"/api/v1/production/task/{number}/confirm_done/").status_code == 403
    manager = Caller(story.factory.person("prod_mgr"))
    assert manager.post(f"/api/v1/production/task/{number}/confirm_done/").json()["state"] == "done"
