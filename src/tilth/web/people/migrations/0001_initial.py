"""Tables of people."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SecurityEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("signed_in", "Signed In"),
                            ("sign_in_failed", "Sign In Failed"),
                            ("sign_in_throttled", "Sign In Throttled"),
                            ("confirmed", "Confirmed"),
                            ("signed_out", "Signed Out"),
                            ("session_ended", "Session Ended"),
                            ("invited", "Invited"),
                            ("reset_handed_out", "Reset Handed Out"),
                            ("link_used", "Link Used"),
                            ("link_refused", "Link Refused"),
                            ("password_changed", "Password Changed"),
                            ("factor_added", "Factor Added"),
                            ("factor_removed", "Factor Removed"),
                            ("identity_bound", "Identity Bound"),
                            ("roles_changed", "Roles Changed"),
                            ("deactivated", "Deactivated"),
                            ("activated", "Activated"),
                            ("organisation_switched", "Organisation Switched"),
                            ("denied", "Denied"),
                        ],
                        max_length=24,
                    ),
                ),
                ("username", models.CharField(blank=True, max_length=150)),
                ("person_code", models.CharField(blank=True, max_length=40)),
                ("organisation", models.CharField(blank=True, db_index=True, max_length=64)),
                ("by", models.CharField(blank=True, max_length=150)),
                ("address", models.GenericIPAddressField(null=True)),
                ("detail", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="OneTimeLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("invitation", "invitation"),
                            ("reset", "reset"),
                            ("machine", "made on the machine"),
                        ],
                        max_length=12,
                    ),
                ),
                ("organisation", models.CharField(max_length=64)),
                ("clears_factors", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="one_time_links",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-made_at"],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("organisation", models.CharField(max_length=64)),
                ("person_code", models.CharField(max_length=40)),
                ("roles", models.JSONField(default=list)),
                ("active", models.BooleanField(default=True)),
                ("created", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["person_code"],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "organisation"), name="one_membership"),
                    models.UniqueConstraint(
                        models.F("organisation"),
                        django.db.models.functions.text.Lower("person_code"),
                        name="one_person_a_code",
                    ),
                ],
            },
        ),
    ]
