"""Keys and trust: sealed fields, tokens between boxes, the audit trail."""
