"""Words for scalingdsl, as a package of one's own would add them."""
