"""EditPlan in, argument lists and texts of files out. Nothing here runs anything."""
