// Pictures: decoded pixels and thumbnails on canvases.

/** Draws pixels in [0, 1], (height · width · channels), onto a canvas of that size. */
function drawPixels(canvas, pixels, [height, width, channels]) {
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").putImageData(imageOf(pixels, height, width, channels), 0, 0);
}

function imageOf(pixels, height, width, channels) {
  const image = new ImageData(width, height);
  for (let at = 0; at < width * height; at++) {
    for (let channel = 0; channel < 3; channel++) {
      image.data[4 * at + channel] = Math.round(255 * pixels[channels === 3 ? 3 * at + channel : at]);
    }
    image.data[4 * at + 3] = 255;
  }
  return image;
}

/** Wipes a canvas and leaves it in the shape of an image. */
function drawNothing(canvas, [height, width]) {
  canvas.width = width;
  canvas.height = height;
}

/** The sheets of thumbnails, each decoded when one of its pictures is first asked for. */
class Thumbnails {
  constructor(packed) {
    Object.assign(this, packed);
    this.loading = new Map();
    this.places = packed.rows && new Map(packed.rows.map((row, place) => [row, place])); // null: all rows
  }

  /** Tells whether there is a thumbnail of an image. */
  has(image) {
    return !this.places || this.places.has(image);
  }

  sheet(which) {
    if (!this.loading.has(which)) {
      const picture = new Image();
      picture.src = this.sheets[which];
      this.loading.set(which, picture.decode().then(() => picture));
    }
    return this.loading.get(which);
  }

  /** Draws the thumbnail of an image; if another one was asked for meanwhile, that one stays. */
  async draw(canvas, image) {
    canvas.dataset.image = String(image);
    const number = this.places ? this.places.get(image) : image;
    const picture = await this.sheet(Math.floor(number / this.per_sheet));
    if (canvas.dataset.image !== String(image)) {
      return;
    }
    const place = number % this.per_sheet;
    const [x, y] = [(place % this.columns) * this.width, Math.floor(place / this.columns) * this.height];
    canvas.width = this.width;
    canvas.height = this.height;
    canvas.getContext("2d").drawImage(picture, x, y, this.width, this.height, 0, 0, this.width, this.height);
  }
}
