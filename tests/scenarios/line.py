"""One order from `receive` to `close`, told once and walked through any face: who does what, in which order.

A face knows how to create, do and find; what is said here is only what a person or a program says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

from flow.models import Contact

FILE = ("回执.pdf", b"%PDF-1.7 signed")
LETTER = {"party": "华东电力公司 王工", "channel": Contact.Channel.PHONE.value, "content": "谈妥"}
TASKS = {"purchase": "purch_leader", "assemble": "workshop_director", "pack": "prod_leader"}
SUPPLIERS = {"VS1-12": "S002", "COPPER-BAR": "S001"}


@dataclass(frozen=True)
class Paper:
    """A document as a face shows it: its kind (`orders/order`), public id, number and state."""

    kind: str
    id: str
    number: str
    state: str

    @property
    def name(self) -> str:
        """What others call it by: its number, or its id while it has none."""
        return self.number or self.id


class Face(Protocol):
    """A way into the house."""

    def create(
        self, role: str, kind: str, fields: Any, lines: Any = None, *, under: Paper | None = None
    ) -> Paper:
        """Make a document; `under` is the one it belongs to, which the fields name too."""
        ...

    def do(self, role: str, paper: Paper, verb: str, fields: Any = None, lines: Any = None) -> Paper:
        """Do a verb of a document."""
        ...

    def find(self, role: str, kind: str, /, **filters: str) -> list[Paper]:
        """The documents on the list of that kind, narrowed by its filters, the oldest first."""
        ...

    def look(self, role: str, paper: Paper) -> Paper:
        """The document as it stands now."""
        ...

    def rows(self, role: str, paper: Paper) -> list[str]:
        """The codes of the items on the lines of a document."""
        ...


@dataclass
class Line:
    """The walk. Every method is a stage; `today` is the day on which everything happens."""

    face: Face
    today: date
    order: Paper = field(init=False)

    def day(self, later: int) -> str:
        """A day so many days from today."""
        return (self.today + timedelta(days=later)).isoformat()

    @property
    def stages(self) -> tuple[Callable[[], None], ...]:
        """From the customer's call to the archive."""
        return (
            self.receive, self.review, self.quote, self.sign, self.take_effect, self.instruct, self.plan,
            self.buy, self.make, self.pack, self.ship, self.serve, self.collect, self.archive,
        )  # fmt: skip

    def all(self) -> Paper:
        """Walk the whole line; the order at its end."""
        for stage in self.stages:
            stage()
        return self.order

    def the(self, role: str, kind: str, /, **filters: str) -> Paper:
        """The one document of the order of that kind (or narrowed otherwise)."""
        found = self.face.find(role, kind, **(filters or {"order": self.order.name}))
        assert len(found) == 1, (kind, filters, found)
        return found[0]

    def through(self, paper: Paper, *steps: tuple[Any, ...]) -> Paper:
        """Do (role, verb, fields, lines) one after the other."""
        for role, verb, *said in steps:
            paper = self.face.do(role, paper, verb, *said)
        return paper

    # -- from the first word to the contract -------------------------------------------------------

    def receive(self) -> None:
        """The customer calls; the clerk writes the order down and confirms the five requirements."""
        head = {"customer": "C001", "channel": "phone", "delivery_on": self.day(150)}
        lines = [{"item": "KYN28A-12", "quantity": "2", "unit_price": "38000"}]
        self.order = self.face.create("sales_clerk", "orders/order", head, lines)
        said = {
            "order_class": "regular", "confirmed_with": "王工", "channel": "phone",
            "technical_requirement": "按 GB/T 3906", "quality_requirement": "出厂试验合格",
        }  # fmt: skip
        self.order = self.through(
            self.order, ("sales_clerk", "confirm_requirements", said), ("sales_clerk", "submit_review")
        )

    def review(self) -> None:
        """The order desk and production find it feasible; the last opinion decides."""
        for role in ("order_desk", "prod_mgr"):
            seats = self.the(role, "review/round")
            self.face.do(role, seats, "give_opinion", {"decision": "feasible", "seat": role})

    def quote(self) -> None:
        """The clerk quotes the list prices; the customer accepts."""
        fields = {"order": self.order.name, "valid_until": self.day(30)}
        offer = self.face.create("sales_clerk", "orders/quotation", fields, under=self.order)
        self.through(offer, ("sales_clerk", "send"), ("sales_clerk", "accept"))

    def sign(self) -> None:
        """The contract asks for 30 percent at once; both parties sign."""
        fields = {"order": self.order.name, "prepayment_percent": "30"}
        contract = self.face.create("sales_clerk", "orders/contract", fields, under=self.order)
        signed = {"signer": "王工", "signed_on": self.day(0), "file": FILE}
        self.through(
            contract,
            ("sales_clerk", "submit"),
            ("sales_clerk", "record_customer_signature", signed),
            ("sales_clerk", "countersign"),
        )

    def take_effect(self) -> None:
        """The prepayment comes in."""
        self.pay("22800.00")

    def pay(self, amount: str) -> None:
        """Finance books money of the customer."""
        fields = {"order": self.order.name, "amount": amount, "received_on": self.day(0)}
        made = self.face.create("finance", "orders/payment", fields, under=self.order)
        self.face.do("finance", made, "record")

    # -- production is told and plans --------------------------------------------------------------

    def instruct(self) -> None:
        """Sales hands the order over to production."""
        instruction = self.the("sales_clerk", "production/instruction")
        self.through(instruction, ("sales_clerk", "issue"), ("prod_mgr", "acknowledge"))

    def plan(self) -> None:
        """The manager plans; every department takes its task."""
        work = (("purchase", "PURCH", 1, 40), ("assemble", "SHOP", 41, 90), ("pack", "PROD", 91, 100))
        lines = [
            {"kind": kind, "department": code, "start_on": self.day(start), "finish_on": self.day(finish)}
            for kind, code, start, finish in work
        ]
        fields = {"order": self.order.name, "stock_checked": True}
        plan = self.face.create("prod_mgr", "production/plan", fields, lines, under=self.order)
        plan = self.face.do("prod_mgr", plan, "issue")
        for kind, leader in TASKS.items():
            task = self.the(leader, "production/task", plan=plan.name, kind=kind)
            self.through(task, (leader, "accept"), (leader, "start"))

    def finish_task(self, kind: str) -> None:
        """A department reports its task done, the issuer confirms it."""
        leader = TASKS[kind]
        (task,) = self.face.find(leader, "production/task", kind=kind, state="in_progress")
        self.through(task, (leader, "report_done"), ("prod_mgr", "confirm_done"))

    # -- what is bought ----------------------------------------------------------------------------

    def buy(self) -> None:
        """Every need is ordered from its supplier, comes, passes and is put into the store."""
        needs = self.request()
        items = self.face.rows("buyer", needs)
        for position, item in enumerate(items, start=1):
            self.into_store(self.purchase(needs, position, SUPPLIERS[item]))
        self.finish_task("purchase")

    def request(self) -> Paper:
        """What the plan must buy is asked for."""
        needs = self.the("mat_controller", "procurement/requisition")
        return self.face.do("mat_controller", needs, "submit")

    def purchase(self, needs: Paper, position: int, supplier: str) -> Paper:
        """One need is ordered; the supplier confirms, and says when the goods leave."""
        bought = self.face.create(
            "buyer",
            "procurement/purchase_order",
            {"supplier": supplier},
            [{"requisition_line": f"{needs.name}/{position}"}],
        )
        told = {**LETTER, "party": "供应商", "dispatch_on": self.day(5)}
        return self.through(
            bought,
            ("buyer", "submit"),
            ("purch_leader", "approve"),
            ("buyer", "send", {"channel": "email"}),
            ("buyer", "record_confirmation", {"confirmed_on": self.day(7)}),
            ("buyer", "log_supplier_contact", told),
        )

    def into_store(self, bought: Paper) -> None:
        """A delivery is counted, inspected and stocked; the invoice is paid, the file closed."""
        quantity = {"VS1-12": "2", "COPPER-BAR": "25"}[self.face.rows("storekeeper", bought)[0]]
        note = {"purchase_order": bought.name, "delivery_note": f"SH-{bought.name}"}
        goods = self.face.create(
            "storekeeper", "procurement/receipt", note, [{"line": 1, "quantity": quantity}], under=bought
        )
        goods = self.through(goods, ("storekeeper", "receive"), ("storekeeper", "send_to_inspection"))
        self.stow("storekeeper", receipt=goods.name)
        bill = {"invoice_number": f"FP-{bought.name}", "invoice_amount": "1000"}
        self.through(bought, ("finance", "settle", bill), ("buyer", "close"))

    def stow(self, keeper: str, **inspected: str) -> None:
        """What waits for the inspector passes, and goes into its store."""
        self.post(keeper, self.pass_(**inspected))

    def pass_(self, **inspected: str) -> Paper:
        """What waits for the inspector passes."""
        request = self.the("inspector", "quality/inspection", **inspected)
        return self.through(request, ("inspector", "start"), ("inspector", "pass"))

    def post(self, keeper: str, inspection: Paper) -> None:
        """What passed goes into its store."""
        slip = self.the(keeper, "warehouse/stock_in", inspection=inspection.name)
        self.face.do(keeper, slip, "post")

    # -- what is made ------------------------------------------------------------------------------

    def make(self) -> None:
        """The part is made first and stocked, then the product, which waits for its packing."""
        part, product = (self.work_order(is_final=final) for final in ("false", "true"))
        for work_order in (part, product):
            self.face.do("mat_controller", work_order, "release")
        self.assemble(part)
        self.stow("storekeeper", work_order=part.name)
        self.assemble(product)
        self.finished = self.pass_(work_order=product.name)
        self.finish_task("assemble")

    def work_order(self, *, is_final: str) -> Paper:
        """The work order of the product, or of the part."""
        return self.the("mat_controller", "production/work_order", order=self.order.name, is_final=is_final)

    def assemble(self, work_order: Paper) -> None:
        """The material is drawn by two people, the work done, checked and handed to quality."""
        picked = self.the("storekeeper", "warehouse/pick_list", work_order=work_order.name)
        self.through(
            picked, ("storekeeper", "prepare"), ("picker", "confirm_issue"), ("storekeeper", "close")
        )
        self.through(
            work_order,
            ("team_leader", "start"),
            ("assembler", "sign_operation", {"operation": "装配", "self_check": True}),
            ("team_leader", "report_assembled"),
            ("team_leader", "submit_inspection"),
        )

    def pack(self) -> None:
        """Production tells the packers; nothing is left out; the product is put into stock."""
        packaging = self.the("prod_mgr", "production/packaging")
        checked = {"has_accessories": True, "has_documents": True, "has_labels": True}
        self.through(
            packaging,
            ("prod_mgr", "notify"),
            ("pack_leader", "start"),
            ("packer", "confirm_packed", checked),
        )
        self.finish_task("pack")
        self.post("fg_keeper", self.finished)

    # -- to the customer, and after ----------------------------------------------------------------

    def ship(self) -> None:
        """Everything leaves in one shipment; carrier and customer sign."""
        head = {
            "order": self.order.name, "planned_dispatch_on": self.day(2), "address": "苏州工业园区 1 号",
        }  # fmt: skip
        lines = [{"line": 1, "quantity": "2"}]
        shipment = self.face.create("order_desk", "delivery/shipment", head, lines, under=self.order)
        carried = {"carrier": "T001", "no_vehicle_reason": "车辆在外", "vehicle": "苏E-12345"}
        self.through(
            shipment,
            ("order_desk", "issue"),
            ("fg_keeper", "prepare", {"boxes": 4}),
            ("shipper", "dispatch", carried),
            ("shipper", "record_carrier_receipt", {"file": FILE}),
            ("sales_clerk", "record_customer_told", LETTER),
            ("salesperson", "record_customer_receipt", {"file": FILE, "received_by": "王工"}),
            ("order_desk", "close"),
        )

    def serve(self) -> None:
        """A meter shows nothing; the service puts it right."""
        demand = {
            "order": self.order.name, "kind": "repair", "problem": "仪表不显示", "telephone_only": True,
        }  # fmt: skip
        ticket = self.face.create("sales_clerk", "aftersales/ticket", demand, under=self.order)
        self.through(
            ticket,
            ("sales_clerk", "hand_over"),
            ("service_leader", "record_contact", LETTER),
            ("service_eng", "start"),
            ("service_eng", "solve", {"solution": "更换仪表"}),
            ("service_leader", "confirm", {"confirmed_by": "王工"}),
            ("service_leader", "close"),
        )

    def collect(self) -> None:
        """The whole is invoiced, and what is left of it paid."""
        fields = {"order": self.order.name}
        bill = self.face.create("salesperson", "aftersales/invoice", fields, under=self.order)
        self.through(bill, ("finance", "issue", {"tax_number": "033001800104"}), ("finance", "send"))
        self.pay("53200.00")

    def archive(self) -> None:
        """The customer accepts, a department answers, the evaluator sums up, the order is archived."""
        accepted = {"accepted_on": self.day(0), "signer": "王工", "satisfaction": 5}
        self.face.do("salesperson", self.order, "complete", accepted)
        evaluation = self.the("evaluator", "orders/evaluation")
        self.through(
            evaluation,
            ("prod_mgr", "answer", {"score": 4}),
            ("evaluator", "finish", {"summary": "按期完成"}),
        )
        self.order = self.face.do("sales_leader", self.order, "close")


# What the house has written down at the end, by whatever face the order was walked.
HISTORY = (Path(__file__).parent / "history.txt").read_text(encoding="utf-8").split()
