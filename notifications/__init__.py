"""Notices to frozen mails (`compose`) and frozen mails to receipts (`delivery`)."""
