"""Pages that people read: the map, dossiers, the memo, the reference of columns and layers, pictures."""
