"""The supervisor of the embedded engines: their addresses, how they start and how they stop."""

import contextlib
import shutil
import stat
import tempfile
import threading
from pathlib import Path

import psycopg
import pytest
import redis
from sqlalchemy import make_url

from tenants.embedded import EngineFailed, Engines
from tests.tenants.embedded.supervising import (
    alive,
    kill_supervisor,
    linux,
    ping,
    query,
    reach_broker,
    supervise,
)
from tests.tenants.embedded.test_recovery import query_fails


class TestAddresses:
    def test_follow_from_the_home_alone(self, home: Path) -> None:
        first, second = Engines(home), Engines(home)
        assert not home.exists()
        assert make_url(first.owner_url).username == "postgres"
        assert make_url(first.app_url).username == "app_login"
        assert make_url(first.platform_url).username == "platform_login"
        assert make_url(first.url("somebody", "elsewhere")).database == "elsewhere"
        assert first.app_url == second.app_url
        assert first.app_url.startswith("postgresql+psycopg://app_login@/agency?host=/")
        assert first.broker_url == f"redis+socket://{first.sockets}/valkey.sock"
        assert first.valkey_url == f"unix://{first.sockets}/valkey.sock"

    def test_survive_a_temporary_folder_with_spaces(
        self, engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = Path(tempfile.mkdtemp(prefix="a b%41 ", dir="/tmp"))
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        try:
            engines.start()
            assert engines.sockets.parent == folder
            assert query(engines.app_url, "select 1") == [1]
            assert ping(engines)
            reach_broker(engines)
        finally:
            engines.stop()
            shutil.rmtree(folder)

    @pytest.mark.parametrize("name", ["a,b", "x" * 90])
    def test_avoid_a_temporary_folder_no_client_could_name(
        self, home: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / name).mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / name))
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        assert Engines(home).sockets.parent == Path("/tmp").resolve()

    def test_are_those_the_supervisor_noted(
        self, engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        engines.start()
        address = engines.app_url
        monkeypatch.setattr(tempfile, "tempdir", "/var/tmp")
        assert Engines(engines.home).app_url == address

    def test_of_a_copied_home_are_not_those_of_the_original(
        self, engines: Engines, tmp_path: Path
    ) -> None:
        engines.start()
        engines.stop()
        shutil.copytree(engines.home, tmp_path / "copy", symlinks=True)
        assert Engines(tmp_path / "copy").sockets != engines.sockets


class TestStart:
    def test_answers_sql_and_ping_from_nothing(self, engines: Engines) -> None:
        assert engines.start() is True
        assert query(engines.owner_url, "select current_user::text") == ["postgres"]
        assert query(engines.app_url, "select current_user::text") == ["app_login"]
        assert query(engines.platform_url, "select current_user::text") == ["platform_login"]
        assert ping(engines)
        reach_broker(engines)

    def test_sets_the_servers_up(self, home: Path) -> None:
        with Engines(home) as engines:
            wanted = {
                "listen_addresses": "",
                "shared_buffers": "128MB",
                "max_connections": "120",
                "TimeZone": "UTC",
                "jit": "off",
                "fsync": "on",
                "synchronous_commit": "on",
                "full_page_writes": "on",
            }
            for name, value in wanted.items():
                assert query(engines.owner_url, f"show {name}") == [value], name
            locale = "select datlocprovider::text || ' ' || datlocale from pg_database"
            assert set(query(engines.owner_url, locale)) == {"b C.UTF-8"}
            with contextlib.closing(redis.Redis.from_url(engines.valkey_url)) as client:
                assert client.config_get("port") == {"port": "0"}
                assert client.config_get("appendonly") == {"appendonly": "yes"}
                assert client.config_get("appendfsync") == {"appendfsync": "everysec"}
                assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            assert stat.S_IMODE(engines.sockets.stat().st_mode) == 0o700
            for name in ("valkey.sock", ".s.PGSQL.5432"):
                assert stat.S_IMODE((engines.sockets / name).stat().st_mode) == 0o700

    def test_gives_the_log_in_roles_nothing(self, engines: Engines) -> None:
        engines.start()
        powers = """
            select rolname from pg_roles where rolname in ('app_login', 'platform_login')
            and rolcanlogin and not (rolinherit or rolsuper or rolcreatedb or rolcreaterole
                                     or rolreplication or rolbypassrls)
            and not exists (select from pg_auth_members where member = pg_roles.oid) order by 1"""
        assert query(engines.owner_url, powers) == ["app_login", "platform_login"]

    def test_knows_letters_beyond_ascii(self, engines: Engines) -> None:
        engines.start()
        assert query(engines.owner_url, "select upper('ñandú') || ('É' ilike 'é')") == ["ÑANDÚtrue"]
        words = "select unnest(tsvector_to_array(to_tsvector('simple', 'Año ÜBER')))"
        assert query(engines.owner_url, words) == ["año", "über"]

    def test_fast_gives_up_durability(self, engines: Engines) -> None:
        engines.start()
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert query(engines.owner_url, f"show {name}") == ["off"]

    def test_ignores_a_port_in_the_environment(
        self, engines: Engines, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PGPORT", "6543")
        engines.start()
        assert query(engines.app_url, "select 1") == [1]

    def test_does_nothing_the_second_time(self, engines: Engines) -> None:
        engines.start()
        before = [child.pid for child in engines.children.values()]
        assert engines.start() is True
        assert [child.pid for child in engines.children.values()] == before

    def test_ignores_a_half_made_cluster(self, engines: Engines) -> None:
        draft = engines.home / "pg18.new"
        (draft / "base").mkdir(parents=True)
        (draft / "PG_VERSION").write_text("18\n")
        engines.start()
        assert query(engines.app_url, "select 1") == [1]
        assert not draft.exists()

    def test_works_below_a_long_path_with_spaces(self, tmp_path: Path) -> None:
        home = tmp_path / "a long path, with 'quotes' and spaces" / ("x" * 120) / "the home"
        with Engines(home, fast=True) as engines:
            assert query(engines.app_url, "select 1") == [1]
            assert ping(engines)

    def test_keeps_two_homes_apart(self, engines: Engines, tmp_path: Path) -> None:
        engines.start()
        with Engines(tmp_path / "other", fast=True) as other:
            query(engines.owner_url, "create table here ()")
            assert query(engines.owner_url, "select to_regclass('here')::text") == ["here"]
            assert query(other.owner_url, "select to_regclass('here')::text") == [None]
            assert ping(engines)
            assert ping(other)
        assert query(engines.app_url, "select 1") == [1]

    def test_refuses_a_socket_folder_others_can_enter(self, engines: Engines) -> None:
        engines.sockets.mkdir(mode=0o755)
        engines.sockets.chmod(0o755)
        with pytest.raises(EngineFailed, match="private"):
            engines.start()

    def test_refuses_a_socket_folder_that_is_a_link(self, engines: Engines, tmp_path: Path) -> None:
        target = tmp_path / "elsewhere"
        target.mkdir(mode=0o700)
        engines.sockets.symlink_to(target)
        try:
            with pytest.raises(EngineFailed, match="private"):
                engines.start()
        finally:
            engines.sockets.unlink()

    def test_shows_the_log_of_an_engine_that_fails(self, engines: Engines) -> None:
        engines.start()
        engines.stop()
        (engines.postgres_data / "postgresql.auto.conf").write_text("work_mem = 'a lot'\n")
        with pytest.raises(EngineFailed, match="work_mem"):
            engines.start()
        assert engines.children == {}

    def test_is_refused_outside_the_main_thread(self, engines: Engines) -> None:
        caught: list[BaseException] = []

        def attempt() -> None:
            try:
                engines.start()
            except RuntimeError as error:
                caught.append(error)

        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
        assert "main thread" in str(caught[0])


@linux
class TestStop:
    def test_leaves_no_process(self, engines: Engines) -> None:
        engines.start()
        pids = [child.pid for child in engines.children.values()]
        pids += query(engines.owner_url, "select pid from pg_stat_activity")
        assert len(pids) > 4
        engines.stop()
        assert [pid for pid in pids if alive(pid)] == []
        assert not engines.sockets.exists()
        assert query_fails(engines)

    def test_does_not_wait_for_clients(self, engines: Engines) -> None:
        engines.start()
        postgres = engines.children["postgres"]
        address = f"host={engines.sockets} port=5432 user=app_login dbname=agency"
        with contextlib.closing(psycopg.connect(address)):
            engines.stop()
        assert postgres.poll() == 0

    def test_keeps_the_data(self, engines: Engines) -> None:
        engines.start()
        query(engines.owner_url, "create table kept as select 7 as value")
        with contextlib.closing(redis.Redis.from_url(engines.valkey_url)) as client:
            client.set("kept", "7")
        engines.stop()
        engines.start()
        assert query(engines.owner_url, "select value from kept") == [7]
        with contextlib.closing(redis.Redis.from_url(engines.valkey_url)) as client:
            assert client.get("kept") == b"7"

    def test_frees_the_home_for_another(self, engines: Engines) -> None:
        engines.start()
        engines.stop()
        process, _ = supervise(engines.home)
        kill_supervisor(process)
