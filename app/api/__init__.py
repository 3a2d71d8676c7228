"""/api/v1: the door for other systems and for the pages, one blueprint a feature."""
