"""The pages: Django over the service, without a rule of its own."""
