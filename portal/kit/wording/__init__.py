"""Words of the portal: days and hours, codes, and the sentences about a reading. Only strings come out."""
