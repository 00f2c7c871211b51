"""Makes the table: `python fill.py`."""

import asyncio

from main import Base, primary


async def fill() -> None:
    engine = primary.kw["bind"]
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


asyncio.run(fill())
