"""复核、申诉: claims of mistake or malice, evidence, rulings, and the voiding of a rating."""
