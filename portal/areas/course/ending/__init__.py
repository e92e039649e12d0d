"""Looking back before an ending."""
