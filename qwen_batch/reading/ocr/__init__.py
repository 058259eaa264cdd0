"""From a page image to words with boxes and confidence. Which engine recognises is a setting; `engines/` has them."""
