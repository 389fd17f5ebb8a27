"""A run as one HTML file that decodes: plain arrays in, the page's bytes out.

The page needs no server, no connection and no build step. Its program is plain JavaScript, in `web`:

    network.js      a network as data, interpreted; the third interpreter beside Keras and NumPy
    packing.js      arrays as they lie in the page
    run.js          a run: its classes, its images, its epochs and their decoders
    view.js         the plane that is looked at
    scatter.js      the plot
    pictures.js     pixels and thumbnails on canvases
    curve.js        a metric against the epochs
    walk.js         stops, the images between them, and the command that draws the same
    panel.js        what is shown of a run
    controls.js     how a person moves it
    page.js         what all runs on the page share

`contents` says what a page shows, `fitting` what of it fits, `packing` and `sprites` turn arrays into text,
and `assembly` puts it all into one file.
"""
