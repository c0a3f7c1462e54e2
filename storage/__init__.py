"""What we know: tables, migrations, settling, the change log and its cursors."""
