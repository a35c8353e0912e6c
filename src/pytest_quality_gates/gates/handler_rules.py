"""The ways a handler can lose a failure, in words and by example."""

from __future__ import annotations

from msgspec import Struct

from pytest_quality_gates.facts.source import HandlerFlaw
from pytest_quality_gates.model.rule import RuleText


class HandlerRule(Struct, frozen=True, kw_only=True):
    """What to say of one flaw."""

    message: str
    """Follows the handler's own text."""
    remedy: str
    text: RuleText


HANDLER_RULES: dict[HandlerFlaw, HandlerRule] = {
    "bare": HandlerRule(
        message="catches everything, also what ends the program (KeyboardInterrupt, SystemExit)",
        remedy="name the exceptions that can happen here; for a last resort write `except Exception:` and log it",
        text=RuleText(
            rule="bare",
            means="An `except:` without a type that does not re-raise.",
            why="It swallows Ctrl-C, SystemExit and cancellation as well: the process cannot be stopped, a task "
            "cannot be cancelled, and a typing mistake looks like the failure that was expected.",
            bad="def load(path: str) -> str:\n    try:\n        return open(path).read()\n    except:\n"
            '        return ""\n',
            good="def load(path: str) -> str:\n    try:\n        return open(path).read()\n"
            '    except FileNotFoundError:\n        return ""\n',
        ),
    ),
    "pass": HandlerRule(
        message="does nothing with what it catches",
        remedy="act on the failure: log it, count it, answer with a fallback, or let it through",
        text=RuleText(
            rule="pass",
            means="The handler's body does nothing (`pass`, `...`), or `contextlib.suppress` stands for it, where it "
            "catches every exception or guards an external call.",
            why="The failure is gone: no log, no metric, no trace. What depended on it goes on with wrong data.",
            bad="import requests\n\n\ndef warn(order: str) -> None:\n    try:\n"
            '        requests.post("https://mail.example/send", json={"order": order}, timeout=5)\n'
            "    except requests.RequestException:\n        pass\n",
            good="import logging\n\nimport requests\n\nlog = logging.getLogger(__name__)\n\n\n"
            "def warn(order: str) -> None:\n    try:\n"
            '        requests.post("https://mail.example/send", json={"order": order}, timeout=5)\n'
            "    except requests.RequestException:\n"
            '        log.exception("nobody was warned of %s", order)\n',
        ),
    ),
    "blind-silent": HandlerRule(
        message="catches every exception and tells nobody: it neither logs nor uses nor re-raises it",
        remedy="name the exceptions that are expected, and log what is caught (`log.exception`)",
        text=RuleText(
            rule="blind-silent",
            means="The handler catches Exception or BaseException, and neither re-raises nor logs nor uses what it "
            "caught.",
            why="A mistake in the code (a wrong name, a wrong type) is treated as the failure that was meant, for "
            "ever, and nobody learns of it.",
            bad="def rate(order: Order) -> int:\n    try:\n        return order.customer.rating\n"
            "    except Exception:\n        return 0\n",
            good="def rate(order: Order) -> int:\n    try:\n        return order.customer.rating\n"
            "    except CustomerGone:\n        return 0\n",
        ),
    ),
    "raise-without-cause": HandlerRule(
        message="raises another exception without its cause",
        remedy="write `raise ... from error` (or `from None` where the cause says nothing)",
        text=RuleText(
            rule="raise-without-cause",
            means="The handler raises another exception with neither `from` nor the caught one among its arguments.",
            why="Whoever reads the report sees what was made of the failure, and not what it was.",
            bad="def amount(text: str) -> int:\n    try:\n        return int(text)\n    except ValueError:\n"
            '        raise BadOrder("amount")\n',
            good="def amount(text: str) -> int:\n    try:\n        return int(text)\n    except ValueError as error:\n"
            '        raise BadOrder("amount") from error\n',
        ),
    ),
    "detail-to-client": HandlerRule(
        message="sends the text of the exception to the client",
        remedy="log the exception, and answer with a text of your own",
        text=RuleText(
            rule="detail-to-client",
            means="The text of an exception goes to a client: `HTTPException(detail=str(error))` and its like.",
            why="Exception texts name hosts, tables, paths and parts of queries. An attacker reads them, a user cannot "
            "use them, and a client starts to depend on their wording.",
            bad='@app.get("/orders/{key}")\ndef order(key: str) -> Order:\n    try:\n        return store.load(key)\n'
            "    except StoreError as error:\n        raise HTTPException(500, detail=str(error)) from error\n",
            good='@app.get("/orders/{key}")\ndef order(key: str) -> Order:\n    try:\n        return store.load(key)\n'
            '    except StoreError as error:\n        log.exception("order %s", key)\n'
            '        raise HTTPException(500, detail="the order cannot be shown now") from error\n',
        ),
    ),
}
