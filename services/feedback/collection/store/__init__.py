"""Where plans, offers, links, drafts and check-ins are kept."""
