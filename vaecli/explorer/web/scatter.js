// The plot: points, the prior's circles, a decoded grid, a walk and the point that is held, on one canvas.
//
// Points are painted into a buffer of pixels, as vaecli/render/dots.py does: a loop over 10,000 of them takes
// a third of a millisecond. The buffer is painted anew only when points or window change.

const MARGIN = { left: 34, right: 8, top: 8, bottom: 38 };
const FADED = 0.12; // opacity of the classes that are not highlighted
const DARKEST_ON_DARK = 150; // of 255

class Scatter {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.dots = document.createElement("canvas");
    this.bounds = null;
    this.resize();
  }

  /** Adopts the size that the canvas has on the page; tells whether it changed. */
  resize() {
    const density = window.devicePixelRatio || 1;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight].map((side) => Math.max(side, 120));
    const isSame = width === this.width && height === this.height && density === this.density;
    Object.assign(this, { width, height, density });
    if (!isSame) {
      this.canvas.width = Math.round(width * density);
      this.canvas.height = Math.round(height * density);
      this.dots.width = this.canvas.width;
      this.dots.height = this.canvas.height;
    }
    return !isSame;
  }

  get box() {
    const { left, right, top, bottom } = MARGIN;
    return { left, top, width: this.width - left - right, height: this.height - top - bottom };
  }

  /** Pixels of the page, from the canvas's corner, of a place in the window. */
  toPixels(x, y) {
    const { left, right, bottom, top } = this.bounds;
    const box = this.box;
    return [
      box.left + ((x - left) / (right - left)) * box.width,
      box.top + ((y - top) / (bottom - top)) * box.height,
    ];
  }

  toPlace(pixelX, pixelY) {
    const { left, right, bottom, top } = this.bounds;
    const box = this.box;
    return [
      left + ((pixelX - box.left) / box.width) * (right - left),
      top + ((pixelY - box.top) / box.height) * (bottom - top),
    ];
  }

  /** The image whose dot is nearest to a pixel, within a reach, among those that are shown; or -1. */
  nearest(places, isShown, pixelX, pixelY, reach) {
    const [x, y] = this.toPlace(pixelX, pixelY);
    const [perX, perY] = this.pixelsPerUnit();
    let [found, least] = [-1, reach * reach];
    for (let image = 0; image < places.length / 2; image++) {
      const across = (places[2 * image] - x) * perX;
      const up = (places[2 * image + 1] - y) * perY;
      const squared = across * across + up * up;
      if (squared < least && isShown(image)) {
        [found, least] = [image, squared];
      }
    }
    return found;
  }

  pixelsPerUnit() {
    const { left, right, bottom, top } = this.bounds;
    return [this.box.width / (right - left), this.box.height / Math.abs(top - bottom)];
  }

  /** Paints dots in an order in which no class hides the next. `looks` has colour and opacity for each label. */
  paintDots(places, order, labels, looks, radius) {
    const { width, height } = this.dots;
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const cover = stamp(radius * this.density);
    const inks = looks.map((look) => inkOf(look, cover));
    const { left, top, bottom } = this.bounds;
    const [perX, perY] = this.pixelsPerUnit().map((each) => each * this.density);
    const [firstX, firstY] = [this.box.left * this.density, this.box.top * this.density];
    const down = bottom < top ? -perY : perY;
    for (let at = 0; at < order.length; at++) {
      const which = order[at];
      const ink = inks[labels[which]];
      if (ink) {
        const x = Math.floor(firstX + (places[2 * which] - left) * perX);
        const y = Math.floor(firstY + (places[2 * which + 1] - top) * down);
        paintDisc(pixels, width, height, cover, ink, x, y);
      }
    }
    this.dots.getContext("2d").putImageData(image, 0, 0);
  }

  /** Draws all of it. `scene`: names, strips, grid, showsDots, walk, held and pointed places. */
  draw(scene, theme) {
    const { context } = this;
    context.setTransform(this.density, 0, 0, this.density, 0, 0);
    context.fillStyle = theme.paper;
    context.fillRect(0, 0, this.width, this.height);
    context.save();
    context.beginPath();
    context.rect(this.box.left, this.box.top, this.box.width, this.box.height);
    context.clip();
    this.drawGrid(scene.grid);
    this.drawPrior(scene, theme);
    if (scene.showsDots) {
      context.drawImage(this.dots, 0, 0, this.width, this.height);
    }
    this.drawWalk(scene.walk, theme);
    this.drawMarks(scene, theme);
    context.restore();
    this.drawFrame(scene, theme);
  }

  drawGrid(grid) {
    if (!grid) {
      return;
    }
    this.context.imageSmoothingEnabled = false;
    for (const { picture, left, right, bottom, top } of grid) {
      const [x0, y0] = this.toPixels(left, top);
      const [x1, y1] = this.toPixels(right, bottom);
      this.context.drawImage(picture, x0, y0, x1 - x0, y1 - y0);
    }
    this.context.imageSmoothingEnabled = true;
  }

  drawPrior(scene, theme) {
    const { context } = this;
    context.strokeStyle = theme.faint;
    context.lineWidth = 1;
    for (const deviation of scene.strips ? [] : [1, 2, 3]) {
      const [x, y] = this.toPixels(...scene.origin);
      context.beginPath();
      context.arc(x, y, deviation * this.pixelsPerUnit()[0], 0, 2 * Math.PI);
      context.stroke();
    }
    for (let strip = 1; strip < scene.strips; strip++) {
      const [, y] = this.toPixels(0, strip);
      context.beginPath();
      context.moveTo(this.box.left, y);
      context.lineTo(this.box.left + this.box.width, y);
      context.stroke();
    }
  }

  drawWalk(walk, theme) {
    const { context } = this;
    context.strokeStyle = theme.accent;
    context.lineWidth = 2;
    context.beginPath();
    walk.forEach(([x, y], at) => context[at ? "lineTo" : "moveTo"](...this.toPixels(x, y)));
    context.stroke();
    for (const [x, y] of walk) {
      this.disc(x, y, 4, theme);
    }
  }

  drawMarks({ held, pointed }, theme) {
    const { context } = this;
    if (pointed) {
      const [x, y] = this.toPixels(...pointed);
      context.strokeStyle = theme.ink;
      context.lineWidth = 2;
      context.beginPath();
      context.arc(x, y, 7, 0, 2 * Math.PI);
      context.stroke();
    }
    this.disc(...held, 6, theme);
  }

  disc(x, y, radius, theme) {
    const { context } = this;
    const [pixelX, pixelY] = this.toPixels(x, y);
    context.fillStyle = theme.accent;
    context.strokeStyle = theme.paper;
    context.lineWidth = 1.5;
    context.beginPath();
    context.arc(pixelX, pixelY, radius, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }

  drawFrame({ names, strips, stripNames }, theme) {
    const { context, box } = this;
    context.strokeStyle = theme.faint;
    context.lineWidth = 1;
    context.strokeRect(box.left + 0.5, box.top + 0.5, box.width - 1, box.height - 1);
    context.fillStyle = theme.quiet;
    context.font = "13px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    const foot = box.top + box.height + 12;
    for (const tick of ticks(this.bounds.left, this.bounds.right)) {
      context.fillText(inWords(tick, 0), this.toPixels(tick, 0)[0], foot);
    }
    context.fillText(names[0], box.left + box.width / 2, foot + 17);
    for (const tick of strips ? [] : ticks(this.bounds.bottom, this.bounds.top)) {
      context.fillText(inWords(tick, 0), box.left - 12, this.toPixels(0, tick)[1]);
    }
    if (!strips) {
      context.save();
      context.translate(9, box.top + box.height / 2);
      context.rotate(names[1].length > 3 ? -Math.PI / 2 : 0);
      context.fillText(names[1], 0, 0);
      context.restore();
    }
    context.textAlign = "left";
    (stripNames || []).forEach((name, at) => {
      context.fillText(name, box.left + 6, this.toPixels(0, at + 0.5)[1]);
    });
  }
}

/** Whole numbers within a window, six at most. */
function ticks(low, high) {
  const step = Math.max(1, Math.ceil((high - low) / 6));
  const found = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) {
    found.push(tick);
  }
  return found;
}

/** Shares of each pixel that a disc covers, and the pixels as steps from its centre. */
function stamp(radius) {
  const reach = Math.ceil(radius + 0.5) - 1;
  const cover = { dx: [], dy: [], share: [] };
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const share = Math.min(Math.max(radius + 0.5 - Math.hypot(dx, dy), 0), 1);
      if (share > 0) {
        cover.dx.push(dx);
        cover.dy.push(dy);
        cover.share.push(share);
      }
    }
  }
  return cover;
}

/** The pixels of a disc, red in the lowest byte and opacity in the highest; null if it cannot be seen. */
function inkOf({ colour: [red, green, blue], opacity }, cover) {
  const ink = cover.share.map((share) => {
    const alpha = Math.round(255 * share * opacity);
    return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
  return opacity > 0 ? Uint32Array.from(ink) : null;
}

/** Paints a disc; where two meet, the more opaque pixel stays, and of equals the later one. */
function paintDisc(pixels, width, height, cover, ink, centreX, centreY) {
  for (let part = 0; part < ink.length; part++) {
    const x = centreX + cover.dx[part];
    const y = centreY + cover.dy[part];
    const at = y * width + x;
    if (x >= 0 && x < width && y >= 0 && y < height && pixels[at] >>> 24 <= ink[part] >>> 24) {
      pixels[at] = ink[part];
    }
  }
}

/** A radius in pixels that suits a count of points. */
function dotRadius(count) {
  return Math.min(Math.max(1.5 * (10000 / Math.max(count, 1)) ** 0.18, 1), 3.5);
}

/** The numbers below a count in an order that looks random and is always the same. */
function shuffled(count) {
  const order = Uint32Array.from({ length: count }, (_, at) => at);
  let state = 1;
  for (let at = count - 1; at > 0; at--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (at + 1));
    [order[at], order[other]] = [order[other], order[at]];
  }
  return order;
}

/** Red, green and blue of `#rrggbb`; on a dark page dark ones are lifted until they can be seen. */
function colourOf(hex, isDark) {
  const colour = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const brightness = 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2];
  const lift = isDark ? Math.max(0, (DARKEST_ON_DARK - brightness) / 255) : 0;
  return colour.map((channel) => Math.round(channel + lift * (255 - channel)));
}
