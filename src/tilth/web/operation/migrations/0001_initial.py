"""Remember how far each member has read."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="visit",
                        serialize=False,
                        to="people.member",
                    ),
                ),
                ("since", models.BigIntegerField(default=0)),
                ("since_at", models.DateTimeField(null=True)),
                ("position", models.BigIntegerField(default=0)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
    ]
