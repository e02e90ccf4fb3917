"""Names that are used from outside the package, which vulture cannot see. One reason each."""

_.startElement, _.endElement, _.attrs  # called by the XML parser
_.compress_type  # read by zipfile
_.text_factory  # read by sqlite3
_.command_class, _.format_commands, list_, raise_, set_  # used by click

_.stored, _.handed_over, _.left_marked, _.unaccounted  # terms of a balance, read by their names
_.closes, _.transferred  # the laws of the item account, which tests hold it to
_.delta  # the change of a rollup, which tests compare with the whole
_.digest_of_read_tables  # the contract that every store derives equal tables
_.CROSSINGS  # the measure of work that bench/engines.py prints
_.tone, _.align, _.width_percent, _.numbered, _.media_type  # read by the template of the pages
_.level_name, _.nothing_left_out  # read by the template of the pages
_.is_open_for_signup, _.is_safe_url, _.send_mail, _.list_apps, _.populate_user  # called by allauth
_.pre_social_login, _.on_authentication_error, _.get_totp_issuer, _.email_addresses  # the same
email, template_prefix, _.validate, _.get_help_text  # Django's and allauth's own signatures
_.clean_password, _.field_order, _.token_hash  # read by Django's forms and models

worker_class, preload_app, timeout, graceful_timeout, keepalive, backlog  # read by gunicorn
limit_request_line, limit_request_fields, limit_request_field_size, when_ready  # read by gunicorn
control_socket_disable, accesslog, logconfig_dict, worker_tmp_dir  # read by gunicorn
_.WHITENOISE_USE_FINDERS, clean_until, beat_at, cancel_requested  # read by Django
_.may_retry, _.refusals  # read by the templates of jobs
_.hidden_m2, _.scale_width, _.overlapping  # read by the templates of the inbox
_.authenticate, _.parse_body, _.csrf_exempt, model_config  # called by ninja, Django and pydantic
you, item_movements, known_position, findings_open, may_record  # answers of the API
signed_by, disputes, ended_by  # the same, and a column that administrators look at
_.closed_by, _.may_explain, _.lines_sum, _.equal, _.due_on, _.by_place  # read by templates
_.may_visit, _.may_decide, Importing, OperationPage, _.sent_at  # read by templates and Django
_._create_connection  # replaced in the HTTP client, so that only the address checked is asked
