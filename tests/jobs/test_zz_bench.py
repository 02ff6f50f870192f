import io, time, uuid
import pytest
from django.test import Client
from django.utils import timezone
from integration.models import Job
from flow.models import Case
from orders.models import Order
from tests.jobs.conftest import workbook, sent
from tests.jobs.test_masters import HEAD, apply, hand_in, undo
from tests.story import Story
pytestmark = pytest.mark.django_db(transaction=True)

def test_import(administrator, factory):
    c = Client(); c.force_login(administrator)
    rows = [[f"N-{n:05}", "某某物料名称", "pcs", "外购" if False else "Bought", n % 30, "no"] for n in range(10000)]
    for what in ("x",):
        t=time.time(); j=hand_in(c,"catalog.item",HEAD,*rows); print("\ntrial 10k items", round(time.time()-t,1), j.state, j.figures, j.message)
        t=time.time(); k=apply(c,j,"whole"); print("whole 10k", round(time.time()-t,1), k.state, k.figures)
        t=time.time(); u=undo(c,k); print("undo 10k", round(time.time()-t,1), u.message)

def test_export(factory, at_desk):
    s = Story(factory).received(); o = s.order
    cases = Case.objects.bulk_create([Case(company=o.company, opened_at=o.created_at) for _ in range(10000)], batch_size=500)
    made = []
    for n, case in enumerate(cases):
        x = Order.objects.get(pk=o.pk) if n == 0 else None
        d = {f.attname: getattr(o, f.attname) for f in Order._meta.concrete_fields if f.name not in ("id","public_id","number","case","customer_reference")}
        made.append(Order(case=case, number=f"DDX{n:06}", customer_reference=f"r{n}", **d))
    Order.objects.bulk_create(made, batch_size=200)
    c = at_desk("sales_clerk")
    for form in ("xlsx","csv"):
        t=time.time(); c.post("/export/", {"label":"orders.order","format":form,"query":"","columns":"number,customer,delivery_on,state,order_class,channel,remark,project_name"})
        j=Job.objects.latest("pk"); print("\nexport 10k", form, round(time.time()-t,1), j.state, j.message, j.size)
    t=time.time(); c.post("/export/", {"label":"orders.order","format":"xlsx","query":"","columns":"number,customer,delivery_on,state,clock,why,flags,amount"}); j=Job.objects.latest("pk"); print("with told", round(time.time()-t,1), j.state,j.message)
