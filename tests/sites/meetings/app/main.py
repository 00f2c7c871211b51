"""Meetings: who makes one gets a code, and with the code anybody finds it. Writes go to a primary, reads to a login that may
only read."""

import os
import secrets
from datetime import date
from pathlib import Path

from fastapi import FastAPI, HTTPException
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import HTMLResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

HERE = Path(__file__).parent
REVISION = (HERE / "REVISION").read_text().strip()


class Base(DeclarativeBase):
    """What the tables have in common."""


class Meeting(Base):
    """A meeting; its code is its address."""

    __tablename__ = "meeting"

    id: Mapped[int] = mapped_column(primary_key=True)
    url_code: Mapped[str] = mapped_column(String(20), unique=True)
    title: Mapped[str] = mapped_column(String(100))
    day: Mapped[date | None]


class NewMeeting(BaseModel):
    """What a visitor says of a meeting."""

    title: str
    day: date | None = None


class FoundMeeting(NewMeeting):
    """What is told of it."""

    model_config = ConfigDict(from_attributes=True)
    url_code: str


def connect(url: str) -> async_sessionmaker[AsyncSession]:
    limits = {"connect_timeout": 2, "init_command": "set lock_wait_timeout = 1, innodb_lock_wait_timeout = 1"}
    driver = url.replace("mysql://", "mysql+aiomysql://", 1)
    return async_sessionmaker(create_async_engine(driver, connect_args=limits), expire_on_commit=False)


primary = connect(os.environ["PRIMARY_URL"])
replica = connect(os.environ["REPLICA_URL"])

app = FastAPI(title="Meetings", debug=os.environ.get("DEBUG") == "1")
app.add_middleware(TrustedHostMiddleware, allowed_hosts=os.environ["ALLOWED_HOSTS"].split(","))


@app.post("/v1/mysql/meetings", status_code=201)
async def add_meeting(new: NewMeeting) -> FoundMeeting:
    meeting = Meeting(url_code=secrets.token_urlsafe(9), **new.model_dump())
    async with primary() as session, session.begin():
        session.add(meeting)
    return FoundMeeting.model_validate(meeting)


@app.get("/v1/mysql/meetings/{url_code}")
async def find_meeting(url_code: str) -> FoundMeeting:
    async with replica() as session:
        meeting = await session.scalar(select(Meeting).where(Meeting.url_code == url_code))
    if meeting is None:
        raise HTTPException(404, "there is no such meeting")
    return FoundMeeting.model_validate(meeting)


@app.get("/", response_class=HTMLResponse)
async def show_home() -> str:
    return (HERE / "home.html").read_text()


@app.get("/version")
async def tell_version() -> dict[str, str]:
    return {"name": "meetings", "revision": REVISION}


@app.get("/healthz", response_class=PlainTextResponse)
async def tell_health() -> str:
    return "ok"
