"""A model's graph as a picture: `layout` places boxes and edges, `svg` draws them."""
