"""Many articles -> a site folder that any static host serves: prerender, check, publish."""
