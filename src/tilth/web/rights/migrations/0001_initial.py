"""The table of views. A note is never changed; in PostgreSQL it is not deleted either.

An SQLite file belongs to whoever runs the service, who could as well delete the file.
"""

from typing import Any

from django.db import migrations, models

_SQLITE = """
CREATE TRIGGER rights_views_are_kept BEFORE UPDATE ON rights_seenrecord
BEGIN SELECT RAISE(ABORT, 'notes of views are only appended to'); END
"""
_POSTGRESQL = """
CREATE FUNCTION rights_views_are_kept() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'notes of views are only appended to'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER rights_views_are_kept BEFORE UPDATE OR DELETE ON rights_seenrecord
FOR EACH ROW EXECUTE FUNCTION rights_views_are_kept()
"""


def guard(apps: Any, schema_editor: Any) -> None:
    """Make the trigger."""
    del apps
    vendor = schema_editor.connection.vendor
    schema_editor.execute(_POSTGRESQL if vendor == "postgresql" else _SQLITE)


class Migration(migrations.Migration):
    """See the module."""

    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="SeenRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seen_at", models.CharField(db_index=True, max_length=27)),
                ("organisation", models.CharField(max_length=64)),
                ("actor", models.CharField(max_length=200)),
                ("record", models.CharField(max_length=400)),
                ("owner", models.CharField(db_index=True, max_length=64)),
                ("why", models.CharField(max_length=200)),
            ],
            options={"ordering": ["-pk"]},
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
