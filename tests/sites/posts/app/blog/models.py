"""Posts and the way to their database."""

from sqlalchemy import String, Text, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, scoped_session, sessionmaker


class Base(DeclarativeBase):
    """What the tables have in common."""


class Post(Base):
    """An article."""

    __tablename__ = "post"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    body: Mapped[str] = mapped_column(Text)


class Database:
    """One session for each request."""

    def connect(self, url: str) -> None:
        driver = url.replace("mysql://", "mysql+pymysql://", 1)
        limits = {"connect_timeout": 2, "init_command": "set lock_wait_timeout = 1, innodb_lock_wait_timeout = 1"}
        self.engine = create_engine(driver, connect_args=limits, pool_pre_ping=True)
        self.session = scoped_session(sessionmaker(self.engine))

    def release(self) -> None:
        self.session.remove()


database = Database()
