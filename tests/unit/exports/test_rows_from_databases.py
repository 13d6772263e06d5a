"""A database's rows are fetched a part at a time, and asynchronous rows come from any loop."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from gridboss_assets.errors import InvalidRows
from gridboss_assets.exports.rows import table_of

MANY = 10_000
SELECT = text(
    "WITH RECURSIVE laps(lap) AS (SELECT 1 UNION ALL SELECT lap + 1 FROM laps WHERE lap < 10000) "
    "SELECT lap, counted(lap) AS seconds FROM laps"
)


class Database:
    """SQLite in memory that counts the rows it works out."""

    def __init__(self) -> None:
        self.read = 0
        self.engine = create_engine("sqlite://")
        event.listen(self.engine, "connect", self._connected)

    def _connected(self, connection: Any, record: object) -> None:
        connection.create_function("counted", 1, self._counted)

    def _counted(self, value: int) -> int:
        self.read += 1
        return value


@pytest.fixture
def database() -> Iterator[Database]:
    database = Database()
    yield database
    database.engine.dispose()


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.engine.connect() as connection:
        yield connection.execution_options(stream_results=True)


def test_a_result_is_read_while_it_is_fetched(connection: Connection, database: Database) -> None:
    table = table_of(connection.execute(SELECT))
    assert [column.name for column in table.columns] == ["lap", "seconds"]
    assert tuple(next(table.rows)) == (1, 1)
    assert database.read < 200
    assert sum(1 for _ in table.rows) == MANY - 1


def test_a_result_of_mappings_is_read_while_it_is_fetched(
    connection: Connection, database: Database
) -> None:
    table = table_of(connection.execute(SELECT).mappings())
    assert tuple(next(table.rows)) == (1, 1)
    assert database.read < 200


def test_columns_select_from_a_result(connection: Connection) -> None:
    table = table_of(connection.execute(SELECT), ["seconds"])
    assert tuple(next(table.rows)) == (1,)


def test_a_column_that_a_result_lacks_is_named(connection: Connection) -> None:
    with pytest.raises(InvalidRows, match=r"no column 'gap' in the rows. They have: lap, seconds"):
        table_of(connection.execute(SELECT), ["gap"])


def test_a_result_without_rows_has_its_columns(connection: Connection) -> None:
    table = table_of(connection.execute(text("SELECT 1 AS lap WHERE 0")))
    assert [column.name for column in table.columns] == ["lap"]
    assert list(table.rows) == []


class Base(DeclarativeBase):
    pass


class Lap(Base):
    __tablename__ = "lap"

    number: Mapped[int] = mapped_column(primary_key=True)
    seconds: Mapped[float]


def test_entities_are_read_by_attribute(database: Database) -> None:
    with database.engine.connect() as connection:
        Base.metadata.create_all(connection)
        with Session(connection) as session:
            session.add(Lap(number=7, seconds=80.125))
            session.flush()
            table = table_of(session.scalars(select(Lap)), ["seconds", "number"])
            assert list(table.rows) == [(80.125, 7)]


class AsyncResult:
    """An asynchronous result of SQLAlchemy: rows as tuples, and their names."""

    def keys(self) -> list[str]:
        return ["lap", "seconds"]

    async def __aiter__(self) -> AsyncIterator[tuple[int, float]]:
        yield 1, 80.125


def test_an_asynchronous_result_names_its_columns() -> None:
    table = table_of(AsyncResult(), ["seconds"])
    assert list(table.rows) == [(80.125,)]


async def laps(number: int, closed: list[bool]) -> AsyncIterator[dict[str, int]]:
    try:
        for lap in range(number):
            await asyncio.sleep(0)
            yield {"lap": lap}
    finally:
        closed.append(True)


def test_asynchronous_rows_are_read_in_this_thread() -> None:
    closed: list[bool] = []
    table = table_of(laps(200, closed))
    assert list(table.rows) == [(lap,) for lap in range(200)]
    assert closed


def test_asynchronous_rows_are_closed_with_the_table() -> None:
    closed: list[bool] = []
    table = table_of(laps(1000, closed))
    next(table.rows)
    assert not closed
    del table
    assert closed


def test_asynchronous_rows_are_read_by_the_loop_of_another_thread() -> None:
    async def total() -> int:
        loop = asyncio.get_running_loop()

        def read() -> int:
            return sum(lap for (lap,) in table_of(laps(200, []), loop=loop).rows)

        return await asyncio.to_thread(read)

    assert asyncio.run(total()) == sum(range(200))


def test_asynchronous_rows_inside_a_running_loop_say_what_to_do() -> None:
    async def read() -> None:
        table_of(laps(1, []))

    with pytest.raises(RuntimeError, match="in another thread"):
        asyncio.run(read())


def test_an_error_of_asynchronous_rows_is_passed_on() -> None:
    async def rows() -> AsyncIterator[tuple[int]]:
        yield (1,)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        list(table_of(rows(), ["lap"]).rows)
