"""What to do about a call, said for the library that is called."""

from __future__ import annotations

from msgspec import Struct

from pytest_quality_gates.facts.call_site import CallSite


class Advice(Struct, frozen=True, kw_only=True):
    """The concrete change for the calls of one library; empty where the general one must do."""

    catch: str = ""
    """The exception that a guard should name."""
    bound: str = ""
    """How to bound the call in time."""
    offload: str = ""
    """What to await in its place."""


ADVICE: dict[str, Advice] = {
    "aiohttp": Advice(
        catch="aiohttp.ClientError",
        bound="pass `timeout=aiohttp.ClientTimeout(total=10)` to the session or the call",
    ),
    "anthropic": Advice(
        catch="anthropic.APIError", bound="pass `timeout=60` to the client", offload="`AsyncAnthropic`"
    ),
    "asyncpg": Advice(
        catch="(asyncpg.PostgresError, OSError)",
        bound="pass `timeout=10`, or `command_timeout=10` to the pool",
    ),
    "boto3": Advice(
        catch="(botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError)",
        bound="give the client `config=Config(connect_timeout=5, read_timeout=10)`",
        offload="aioboto3",
    ),
    "botocore": Advice(
        catch="(botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError)",
        bound="give the client `config=Config(connect_timeout=5, read_timeout=10)`",
        offload="aioboto3",
    ),
    "elasticsearch": Advice(
        catch="elasticsearch.ApiError",
        bound="pass `request_timeout=10` to the client",
        offload="`AsyncElasticsearch`",
    ),
    "ftplib": Advice(catch="ftplib.all_errors", bound="pass `timeout=30` when connecting"),
    "grpc": Advice(catch="grpc.RpcError", bound="pass `timeout=10` to the stub's method", offload="grpc.aio"),
    "http": Advice(catch="(OSError, http.client.HTTPException)", bound="pass `timeout=10` to the connection"),
    "httpx": Advice(
        catch="httpx.HTTPError", bound="pass `timeout=10` to the client", offload="`httpx.AsyncClient`"
    ),
    "imaplib": Advice(catch="(OSError, imaplib.IMAP4.error)", bound="pass `timeout=30` when connecting"),
    "kombu": Advice(catch="kombu.exceptions.OperationalError", bound="pass `timeout=10`"),
    "motor": Advice(catch="pymongo.errors.PyMongoError", bound="pass `timeoutMS=10_000` to the client"),
    "openai": Advice(
        catch="openai.OpenAIError", bound="pass `timeout=60` to the client", offload="`AsyncOpenAI`"
    ),
    "paramiko": Advice(
        catch="(OSError, paramiko.SSHException)", bound="pass `timeout=30`", offload="asyncssh"
    ),
    "psycopg": Advice(
        catch="psycopg.Error",
        bound="give the connection `options='-c statement_timeout=10000'` and `connect_timeout=5`",
        offload="`psycopg.AsyncConnection`",
    ),
    "psycopg2": Advice(
        catch="psycopg2.Error",
        bound="give the connection `options='-c statement_timeout=10000'` and `connect_timeout=5`",
        offload="`psycopg.AsyncConnection` or asyncpg",
    ),
    "pymongo": Advice(
        catch="pymongo.errors.PyMongoError",
        bound="pass `timeoutMS=10_000` to the client",
        offload="`pymongo.AsyncMongoClient`",
    ),
    "pymysql": Advice(
        catch="pymysql.MySQLError",
        bound="pass `read_timeout=10, write_timeout=10` to `connect`",
        offload="asyncmy",
    ),
    "redis": Advice(
        catch="redis.RedisError",
        bound="pass `socket_timeout=5` to the client",
        offload="`redis.asyncio.Redis`",
    ),
    "requests": Advice(
        catch="requests.RequestException",
        bound="pass `timeout=10` to the call",
        offload="`httpx.AsyncClient`",
    ),
    "smtplib": Advice(
        catch="(OSError, smtplib.SMTPException)",
        bound="pass `timeout=30` when connecting",
        offload="aiosmtplib",
    ),
    "socket": Advice(catch="OSError", bound="call `settimeout(10)` on the socket", offload="asyncio streams"),
    "sqlalchemy": Advice(
        catch="sqlalchemy.exc.SQLAlchemyError",
        bound="give `create_engine` the driver's statement timeout in `connect_args`",
        offload="`sqlalchemy.ext.asyncio`",
    ),
    "sqlite3": Advice(catch="sqlite3.Error", bound="pass `timeout=5` to `connect`", offload="aiosqlite"),
    "subprocess": Advice(
        catch="(OSError, subprocess.SubprocessError)",
        bound="pass `timeout=60` (to `communicate` or `wait` for a Popen)",
        offload="`asyncio.create_subprocess_exec`",
    ),
    "time": Advice(offload="`asyncio.sleep`"),
    "urllib": Advice(catch="OSError", bound="pass `timeout=10` to the call", offload="`httpx.AsyncClient`"),
    "urllib3": Advice(
        catch="urllib3.exceptions.HTTPError",
        bound="pass `timeout=10` to the pool or the call",
        offload="`httpx.AsyncClient`",
    ),
}
"""By top-level module of the callee's canonical name."""


def advice_for(site: CallSite) -> Advice:
    """What is known for the library of this call."""
    return ADVICE.get(site.callee.partition(".")[0], Advice())


def guard_remedy(site: CallSite) -> str:
    """How to guard the call."""
    what = f"`except {advice_for(site).catch}`" if advice_for(site).catch else "its failures"
    verb = "add" if what.startswith("`except") else "catch"
    return (
        f"{verb} {what} here, in every caller or in the framework's exception handler, and act on the failure"
    )


def timeout_remedy(site: CallSite) -> str:
    """How to bound the call in time."""
    bound = advice_for(site).bound
    scope = "wrap it in `async with asyncio.timeout(10):`" if site.is_async else ""
    return ", or ".join(filter(None, (bound, scope))) or "give the call or its client a timeout"


def offload_remedy(site: CallSite) -> str:
    """How to keep the call off the event loop."""
    if site.kind == "sleep":
        return "use `await asyncio.sleep(...)`, or run the synchronous caller with `await asyncio.to_thread(...)`"
    offload = advice_for(site).offload
    thread = "run it with `await asyncio.to_thread(...)`"
    return f"use {offload}, or {thread}" if offload else thread
