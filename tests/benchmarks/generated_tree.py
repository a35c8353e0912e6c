"""A made project of any size, with the calls between its parts that real services have."""

from __future__ import annotations

from pathlib import Path

_CLIENT = '''"""Clients of part {n}."""

import logging

import httpx
import redis
import requests

from shop.part{up}.models import Order{up}

logger = logging.getLogger(__name__)


class Warehouse{n}:
    """The warehouse over HTTP."""

    def __init__(self, base: str, session: requests.Session | None = None) -> None:
        self.base = base
        self.session = session or requests.Session()
        self.cache = redis.Redis(host="cache", socket_timeout=2)

    def stock(self, order: Order{up}) -> dict[str, int]:
        key = f"stock:{{order.number}}"
        known = self.cache.get(key)
        if known is not None:
            return {{"stock": int(known)}}
        try:
            answer = self.session.get(self.base + "/stock", params={{"q": order.number}}, timeout=3)
        except requests.ConnectionError as error:
            logger.warning("no stock: %s", error)
            return {{}}
        found = answer.json()
        self.cache.set(key, found["stock"])
        return found

    def reserve(self, order: Order{up}, amount: int) -> bool:
        answer = self.session.post(self.base + "/reserve", json=order.as_row({up}) | {{"amount": amount}})
        return answer.status_code == 200


class Mailer{n}:
    """Mail over an asynchronous client."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def send(self, to: str, text: str) -> int:
        async with self.client as client:
            answer = await client.post("https://mail.example/send", json={{"to": to, "text": text}})
        return answer.status_code
'''

_MODEL_HEAD = '''"""Values of part {n}."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Order{n}:
    """An order."""

    number: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)

    def as_row(self, depth: int) -> dict[str, Any]:
        limit = int(self.settings.get("limit", "10"))
        return {{"number": self.number, "depth": depth, "rows": self.rows[:limit]}}
'''

_MODEL = '''

def total_{n}_{k}(order: Order{n}, rate: float = 1.{k}) -> float:
    """Add up what an order costs."""
    result = 0.0
    for row in order.rows:
        price = row.get("price", 0) * row.get("amount", 1)
        if row.get("kind") == "gift" and price > {k}:
            price = 0
        elif price < 0:
            raise ValueError(f"a price below nothing: {{price}}")
        result += price * rate
    names = sorted({{row.get("name", "") for row in order.rows}})
    order.settings["names_{k}"] = ",".join(name.strip().lower() for name in names if name)
    return round(result, 2)
'''

_SERVICE_HEAD = '''"""What part {n} does."""

import logging
import time

from shop.part{n}.clients import Mailer{n}, Warehouse{n}
from shop.part{n}.models import Order{n}, total_{n}_0, total_{n}_1
from shop.part{up} import services as upstream

logger = logging.getLogger(__name__)


class Desk{n}:
    """Takes orders."""

    def __init__(self, warehouse: Warehouse{n}, mailer: Mailer{n}) -> None:
        self.warehouse = warehouse
        self.mailer = mailer
        self.orders: dict[str, Order{n}] = {{}}
'''

_SERVICE = '''
    def place_{k}(self, number: str) -> float:
        """Place an order."""
        order = self.orders.get(number) or Order{n}(number)
        self.orders[number] = order
        if not self.warehouse.stock(order):
            logger.info("nothing in stock for %s", number)
            return 0.0
        for attempt in range({k} + 1):
            try:
                if self.warehouse.reserve(order, attempt + 1):
                    break
            except Exception:
                logger.exception("not reserved")
                time.sleep(attempt)
        return total_{n}_0(order) + total_{n}_1(order)

    async def confirm_{k}(self, number: str, to: str) -> int:
        """Place an order and say so."""
        cost = self.place_{k}(number)
        text = upstream.describe(number, cost)
        return await self.mailer.send(to, text)
'''

_SERVICE_TAIL = '''

def describe(number: str, cost: float) -> str:
    """Say what an order costs."""
    parts = [part for part in (number, f"{{cost:.2f}}") if part]
    return ": ".join(parts) + {tail}


def desk(base: str, mailer: Mailer{n}) -> Desk{n}:
    """Make a desk."""
    return Desk{n}(Warehouse{n}(base), mailer)
'''


def generate(root: Path, lines: int) -> int:
    """Write a package `shop` with at least this many lines.

    Each part has clients, values and services, and uses the part of half its number: chains of calls grow with the
    logarithm of the size, as layers do.

    Args:
        root: An empty directory.
        lines: How many lines are wanted.

    Returns:
        How many were written.
    """
    written = part = 0
    while written < lines:
        folder = root / "shop" / f"part{part}"
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
        for name, text in _part(part).items():
            (folder / name).write_text(text, encoding="utf-8")
            written += text.count("\n")
        part += 1
    (root / "shop" / "__init__.py").touch()
    (root / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\n', encoding="utf-8")
    return written


def _part(number: int) -> dict[str, str]:
    up = number // 2
    tail = '" placed"' if up == number else f"upstream.describe(number, cost + {number})"
    models = "".join(_MODEL.format(n=number, k=k) for k in range(20))
    services = "".join(_SERVICE.format(n=number, k=k) for k in range(6))
    return {
        "models.py": _MODEL_HEAD.format(n=number) + models,
        "clients.py": _CLIENT.format(n=number, up=up),
        "services.py": _SERVICE_HEAD.format(n=number, up=up)
        + services
        + _SERVICE_TAIL.format(n=number, tail=tail),
    }
