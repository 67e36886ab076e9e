"""StyleJSON and the footage's Analysis in, EditPlan out."""
