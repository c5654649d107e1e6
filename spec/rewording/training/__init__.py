"""How long, how often, with what and over which values models are trained, as other tools and people say it."""
