"""Who supervises whom: arranged by those who run the clinic."""
