"""The claims: `ledger` says what is claimed and what decides it; one module per chapter says how it came out."""
