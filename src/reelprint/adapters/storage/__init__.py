"""Where documents are kept between runs."""
