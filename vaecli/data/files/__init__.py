"""A user's own folders, zips and arrays: found, read, decoded. The only wing that reads HDF5."""
