"""The table in which limits of attempts are counted, and the log that cannot be rewritten.

Rows of the security log are never changed. In PostgreSQL they are not deleted either; an SQLite
file belongs to whoever runs the service, who could as well delete the file, and the same lines are
in the server's journal.
"""

from typing import Any

from django.core.management import call_command
from django.db import migrations

_SQLITE = """
CREATE TRIGGER people_log_is_kept BEFORE UPDATE ON people_securityevent
BEGIN SELECT RAISE(ABORT, 'the security log is only appended to'); END
"""
_POSTGRESQL = """
CREATE FUNCTION people_log_is_kept() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'the security log is only appended to'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER people_log_is_kept BEFORE UPDATE OR DELETE ON people_securityevent
FOR EACH ROW EXECUTE FUNCTION people_log_is_kept()
"""


def limits(apps: Any, schema_editor: Any) -> None:
    """Make the table of the cache that every process shares."""
    del apps
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


def guard(apps: Any, schema_editor: Any) -> None:
    """Make the triggers."""
    del apps
    vendor = schema_editor.connection.vendor
    schema_editor.execute(_POSTGRESQL if vendor == "postgresql" else _SQLITE)


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [("people", "0001_initial")]
    operations = [
        migrations.RunPython(limits, migrations.RunPython.noop),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
