"""Programs that work with the house over REST while it is being killed, and remember what they were told."""

from __future__ import annotations

import base64
import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

API = "/api/v1/"
SCAN = {"name": "scan.pdf", "content": base64.b64encode(b"%PDF-1.7 signed").decode()}
ROLES = ("sales_clerk", "order_desk", "prod_mgr")
PAUSE_SECONDS = 0.1
# So many of the requests that were cut off are not asked again: nobody ever learns how they ended.
FORGETFUL = 0.1


class Stopped(Exception):
    """The load is over, or the program gave up on this order."""


@dataclass
class Wish:
    """One request with a key of its own: what was intended, and what the house said of it."""

    role: str
    path: str
    verb: str
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    subject: str | None = None
    attempts: int = 0
    status: int | None = None
    version: int | None = None
    replayed: bool = False


@dataclass
class Tally:
    """What happened to the requests of all clients."""

    wishes: list[Wish] = field(default_factory=list)
    away: int = 0
    cut: int = 0
    unavailable: int = 0
    surprises: list[str] = field(default_factory=list)
    # With which words clients were told to come again later.
    sentences: Counter[str] = field(default_factory=Counter)

    def journal(self) -> list[dict[str, Any]]:
        """What the audit compares the database with."""
        return [asdict(wish) for wish in self.wishes]

    def figures(self) -> str:
        """How the requests fared, in words."""
        told = f"{len(self.acknowledged):,} requests acknowledged"
        return f"{told}, {self.cut:,} cut off, {self.away:,} refused, {self.unavailable:,} told “not now”"

    @property
    def acknowledged(self) -> list[Wish]:
        """The requests that the house said it had done."""
        return [wish for wish in self.wishes if wish.status is not None]


class Caller:
    """Sends requests of one client; while the house is away it asks again with the same key."""

    def __init__(self, port: int, tokens: dict[str, str], tally: Tally, over: threading.Event) -> None:
        self.port, self.tokens, self.tally, self.over = port, tokens, tally, over

    def post(self, role: str, path: str, verb: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do one thing once; the document as the house shows it afterwards. Raises Stopped."""
        if self.over.is_set():
            raise Stopped
        wish = Wish(role, path, verb)
        if path.endswith("/order/"):
            body = {**(body or {}), "remark": wish.key}
        self.tally.wishes.append(wish)
        status, said, headers = self.insist("POST", role, path, body, wish)
        wish.status, wish.subject, wish.version = status, said["id"], said["version"]
        wish.replayed = headers.get("Idempotency-Replayed") == "true"
        return said

    def get(self, role: str, path: str) -> dict[str, Any]:
        """Read something. Raises Stopped."""
        return self.insist("GET", role, path, None, None)[1]

    def insist(
        self, method: str, role: str, path: str, body: Any, wish: Wish | None
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Ask until there is an answer other than "not now"."""
        while True:
            if wish:
                wish.attempts += 1
            try:
                status, said, headers = self.once(method, role, path, body, wish)
            except ConnectionRefusedError:
                self.tally.away += 1
                time.sleep(PAUSE_SECONDS)
                continue
            except (OSError, http.client.HTTPException):
                self.tally.cut += 1
                if wish and random.random() < FORGETFUL:
                    raise Stopped from None
                time.sleep(PAUSE_SECONDS)
                continue
            if status in (200, 201):
                return status, json.loads(said), headers
            if status == 503 and headers.get("Retry-After", "").isdecimal():
                self.tally.unavailable += 1
                self.tally.sentences[said.decode()] += 1
                time.sleep(PAUSE_SECONDS)
                continue
            self.tally.surprises.append(f"{method} {path}: {status} {said[:500]!r}")
            raise Stopped

    def once(
        self, method: str, role: str, path: str, body: Any, wish: Wish | None
    ) -> tuple[int, bytes, dict[str, str]]:
        """One request on a connection of its own. Raises OSError or HTTPException when it is cut off."""
        headers = {"Authorization": f"Token {self.tokens[role]}", "Content-Type": "application/json"}
        if wish:
            headers["Idempotency-Key"] = wish.key
        talk = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            sent = None if method == "GET" else json.dumps(body or {})
            talk.request(method, f"{API}{path}", sent, headers)
            answer = talk.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        finally:
            talk.close()


class Journey:
    """One order from the first word to its effect, and for some on to production, step by step."""

    def __init__(self, caller: Caller, today: date, chance: random.Random) -> None:
        self.caller, self.today, self.chance = caller, today, chance
        self.order: dict[str, Any] = {}

    def run(self) -> None:
        """Tell the whole story; reads what was acknowledged again. Raises Stopped in the middle."""
        self.reviewed()
        self.contracted()
        if self.chance.random() < 0.3:
            paper = self.related("production/instruction/", "sales_clerk")
            self.act("sales_clerk", "production/instruction", paper, "issue")
        seen = self.caller.get("sales_clerk", f"orders/order/{self.order['id']}/")
        if seen["version"] < self.order["version"]:
            self.caller.tally.surprises.append(f"order {self.order['id']} went back to {seen['version']}")

    def reviewed(self) -> None:
        """Receive, confirm, review."""
        lines = [{"item": "VS1-12-1250", "quantity": "2"}]
        head = {"customer": "C001", "channel": "phone", "delivery_on": self.in_days(200), "lines": lines}
        self.order = self.caller.post("sales_clerk", "orders/order/", "orders.order.receive", head)
        confirmed = {
            "order_class": "regular",
            "confirmed_with": "王工",
            "channel": "phone",
            "technical_requirement": "GB/T 3906",
            "quality_requirement": "出厂试验",
        }
        self.order = self.act("sales_clerk", "orders/order", self.order, "confirm_requirements", confirmed)
        self.order = self.act("sales_clerk", "orders/order", self.order, "submit_review")
        meeting = self.related("review/round/", "order_desk")
        for role in ("order_desk", "prod_mgr"):
            self.act(role, "review/round", meeting, "give_opinion", {"decision": "feasible"})

    def contracted(self) -> None:
        """Quote, agree, sign: without a prepayment the order takes effect."""
        clerk, order = "sales_clerk", self.order["id"]
        asked = {"order": order, "valid_until": self.in_days(30)}
        offer = self.caller.post(clerk, "orders/quotation/", "orders.quotation.create", asked)
        for step in ("send", "accept"):
            self.act(clerk, "orders/quotation", offer, step)
        paper = self.caller.post(clerk, "orders/contract/", "orders.contract.create", {"order": order})
        signed = {"signer": "王工", "signed_on": self.today.isoformat(), "file": SCAN}
        self.act(clerk, "orders/contract", paper, "submit")
        self.act(clerk, "orders/contract", paper, "record_customer_signature", signed)
        self.act(clerk, "orders/contract", paper, "countersign")

    def act(self, role: str, where: str, document: dict[str, Any], step: str, body: Any = None) -> Any:
        """One verb of a document."""
        verb = f"{where.replace('/', '.')}.{step}"
        return self.caller.post(role, f"{where}/{document['id']}/{step}/", verb, body)

    def related(self, where: str, role: str) -> dict[str, Any]:
        """The one document that the house itself drafted for the order."""
        found = self.caller.get(role, f"{where}?q={self.order['number']}")["results"]
        if len(found) != 1:
            self.caller.tally.surprises.append(f"{len(found)} of {where} for {self.order['number']}")
            raise Stopped
        return dict(found[0])

    def in_days(self, days: int) -> str:
        """A day from now."""
        return (self.today + timedelta(days=days)).isoformat()


class Load:
    """Several clients that make orders one after the other until they are told to stop."""

    def __init__(self, port: int, tokens: dict[str, str], today: date, *, clients: int, seed: int) -> None:
        self.tally = Tally()
        self.over = threading.Event()
        self.caller = Caller(port, tokens, self.tally, self.over)
        self.today = today
        chances = [random.Random(f"{seed}/{n}") for n in range(clients)]
        self._threads = [threading.Thread(target=self._work, args=(chance,)) for chance in chances]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        """Let every client have the answer to what it asked last, and stop."""
        self.over.set()
        for thread in self._threads:
            thread.join()

    def _work(self, chance: random.Random) -> None:
        while not self.over.is_set():
            try:
                Journey(self.caller, self.today, chance).run()
            except Stopped:
                continue
            except Exception as error:
                self.tally.surprises.append(repr(error))
