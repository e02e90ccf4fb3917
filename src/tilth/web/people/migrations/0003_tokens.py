"""Tables of people."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_guards"),
    ]

    operations = [
        migrations.AlterField(
            model_name="securityevent",
            name="event",
            field=models.CharField(
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
                    ("token_made", "Token Made"),
                    ("token_used", "Token Used"),
                    ("token_ended", "Token Ended"),
                    ("token_refused", "Token Refused"),
                ],
                max_length=24,
            ),
        ),
    ]
