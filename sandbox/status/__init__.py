"""Status pages, emulated: Statuspage."""
