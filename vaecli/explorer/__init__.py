"""A run as one HTML file that decodes: plain arrays in, the page's bytes out.

The page needs no server, no connection and no build step. Its program is plain JavaScript, in `web`:

    network.js      a network as data, interpreted; the third interpreter beside Keras and NumPy
    packing.js      arrays as they lie in the page

`packing` is the other side of `packing.js`.
"""
