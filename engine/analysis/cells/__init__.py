"""From runs or rows to cells: seeds averaged, tuned axes reduced, conditions applied."""
