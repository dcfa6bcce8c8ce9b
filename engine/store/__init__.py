"""The only SQL: the database, its tables, the ledger, the outbox and the projections."""
