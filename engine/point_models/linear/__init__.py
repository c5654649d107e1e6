"""Linear models in closed form: what one draw of points and mixtures gives, and what theory says of the mean draw."""
