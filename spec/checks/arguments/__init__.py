"""Arguments that a word does not take, each with what was meant; imported where there is one."""
