// One run on the page: what its plot, and the pictures beside it, show.

const GLIDE = 450; // milliseconds from one epoch to the next
const GRID_SIDE = 14;
const GRID_BUDGET = 10; // milliseconds of a frame that the grid may take

class Panel {
  /** `page` is asked for what all panels share: theme, shown and highlighted classes, the walk. */
  constructor(page, run, root) {
    Object.assign(this, { page, run, root });
    this.scatter = new Scatter(root.querySelector(".plot"));
    this.order = shuffled(run.count);
    this.labels = run.classNames.length ? run.labels : new Int32Array(run.count);
    this.isStale = { held: true, pointed: true };
    this.epoch = run.epochAt(run.last.number);
    this.latent = new Float32Array(run.latentDim);
    this.image = -1;
    this.layers = "points";
    this.sliders = new Map();
    this.useView(this.firstView());
    root.querySelector(".name").textContent = run.name;
    offerPlanes(this);
    offerSliders(this);
    this.hold(this.latent);
    listen(this);
  }

  firstView() {
    const { latentDim } = this.run;
    return latentDim > 2 ? View.ofComponents(this.run) : View.ofLatents(this.run, [0, 1].slice(0, latentDim));
  }

  /** Shows the same window as other panels, as far as their planes can be compared. */
  shareScale(panels) {
    const views = panels.map((panel) => panel.view).filter((view) => view.isStrips === this.view.isStrips);
    this.view.share(views);
    this.scatter.bounds = this.view.bounds;
  }

  useView(view) {
    this.view = view;
    this.path = [view.places(this.epoch)];
    this.glide = 1;
    this.grid = null;
    this.scatter.bounds = view.bounds;
    this.needsDots = true;
    this.page.say(`Plane of ${view.names.join(" and ")}`);
    this.draw();
  }

  /** Shows points, the decoded grid, or both. */
  showLayers(layers) {
    this.layers = layers;
    this.draw();
  }

  // What the panel shows

  /** Moves to an epoch by its number: dots glide there, pictures are decoded anew. */
  showEpoch(number, isSudden) {
    const epoch = this.run.epochAt(number);
    this.root.querySelector(".note").textContent = this.noteOn(number, epoch);
    if (epoch !== this.epoch) {
      this.path = isSudden ? [this.view.places(epoch)] : [this.placesNow(), ...this.placesTo(epoch)];
      this.glide = isSudden ? 1 : 0;
      this.epoch = epoch;
      this.needsDots = true;
      this.grid = null;
    }
    this.isStale.held = true;
    this.point(this.image);
  }

  noteOn(number, epoch) {
    if (this.run.unknown.length) {
      return `This page cannot decode: it does not know ${this.run.unknown.join(", ")}.`;
    }
    if (!epoch.canDecode) {
      return "This page holds no weights of this run: nothing is decoded.";
    }
    return epoch.number === number
      ? ""
      : `Epoch ${number} has no decoder in this page: points and pictures are those of epoch ${epoch.number}.`;
  }

  /** Where the dots were after each epoch on the way from the one that is shown to another. */
  placesTo(epoch) {
    const { epochs } = this.run;
    const [from, to] = [epochs.indexOf(this.epoch), epochs.indexOf(epoch)];
    const passed = epochs.slice(Math.min(from, to) + 1, Math.max(from, to));
    const way = from < to ? passed : passed.reverse();
    return [...way, epoch].map((each) => this.view.places(each));
  }

  get isGliding() {
    return this.glide < 1;
  }

  placesNow() {
    if (!this.isGliding) {
      return this.path[this.path.length - 1];
    }
    const eased = this.glide * this.glide * (3 - 2 * this.glide) * (this.path.length - 1);
    const leg = Math.min(Math.floor(eased), this.path.length - 2);
    const [from, to] = this.path.slice(leg, leg + 2);
    return between(from, to, eased - leg);
  }

  /** Holds a latent; it is decoded with the next frame. */
  hold(latent) {
    this.latent = Float32Array.from(latent);
    for (const [dim, { input, output }] of this.sliders) {
      input.value = String(this.latent[dim]);
      output.textContent = inWords(this.latent[dim]);
    }
    this.isStale.held = true;
    this.draw();
  }

  /** Holds a latent that may lie outside of the plane, where another grid is decoded. */
  holdElsewhere(latent) {
    this.grid = null;
    this.hold(latent);
  }

  /** The image at a pixel of the plot, or -1. */
  imageAt(pixelX, pixelY, reach) {
    const isShown = (image) => this.page.opacityOf(this.labels[image]) > 0;
    return this.scatter.nearest(this.placesNow(), isShown, pixelX, pixelY, reach);
  }

  /** Points at an image, by its row; -1 at none. */
  point(image) {
    const { run, epoch } = this;
    this.image = image;
    this.root.querySelector(".add-image").disabled = image < 0;
    this.root.querySelector(".pointed").textContent =
      image < 0 ? this.hint() : `${run.nameOf(image)} · ${this.latentInWords(epoch.meanOf(image))}`;
    this.isStale.pointed = true;
    this.draw();
  }

  showPictures() {
    if (this.isStale.held) {
      this.showPixels(".decoded", this.epoch.decode(this.latent), `Decoded at ${this.latentInWords()}`);
    }
    if (this.isStale.pointed) {
      const { epoch, image } = this;
      const name = image < 0 ? "" : this.run.nameOf(image);
      const pixels = image < 0 ? null : epoch.decode(epoch.meanOf(image));
      this.showPixels(".reconstruction", pixels, image < 0 ? "No reconstruction" : `Reconstruction of ${name}`);
      this.showOriginal(name).catch(() => this.page.say("The image cannot be read."));
    }
    this.isStale = { held: false, pointed: false };
  }

  hint() {
    return "Point at a dot for its image; press and drag to decode.";
  }

  showPixels(where, pixels, words) {
    const canvas = this.root.querySelector(where);
    canvas.setAttribute("aria-label", words);
    if (pixels) {
      drawPixels(canvas, pixels, this.run.imageShape);
    } else {
      drawNothing(canvas, this.run.imageShape);
    }
  }

  async showOriginal(name) {
    const canvas = this.root.querySelector(".original");
    const image = this.image;
    const isThere = image >= 0 && (await this.run.drawThumbnail(canvas, image));
    if (image !== this.image) {
      return; // another one was pointed at meanwhile
    }
    canvas.setAttribute("aria-label", isThere ? `Image ${name}` : this.withoutImage());
    if (!isThere) {
      delete canvas.dataset.image;
      drawNothing(canvas, this.run.imageShape);
    }
  }

  withoutImage() {
    return this.image < 0 ? "No image" : "This page does not hold the image";
  }

  latentInWords(latent = this.latent) {
    const numbers = [...latent.slice(0, 6)].map((value) => inWords(value));
    return `(${numbers.join(", ")}${latent.length > 6 ? ", …" : ""})`;
  }

  // Drawing

  draw() {
    if (!this.isDrawing) {
      this.isDrawing = true;
      requestAnimationFrame((now) => this.drawNow(now));
    }
  }

  drawNow(now) {
    this.isDrawing = false;
    this.showPictures();
    const isGliding = this.advance(now);
    const isLarger = this.scatter.resize();
    if (this.needsDots || isLarger || isGliding) {
      this.scatter.paintDots(this.placesNow(), this.order, this.labels, this.looks(), dotRadius(this.run.count));
      this.needsDots = isGliding;
    }
    const isFilling = this.layers !== "points" && this.fillGrid();
    this.scatter.draw(this.scene(), this.page.theme);
    if (isGliding || isFilling) {
      this.draw();
    }
  }

  /** Moves the dots on their way to an epoch; tells whether they are still moving. */
  advance(now) {
    const wasGliding = this.isGliding;
    const duration = GLIDE * Math.sqrt(this.path.length - 1);
    this.glide = wasGliding ? Math.min(1, this.glide + (now - (this.lastFrame || now)) / duration) : 1;
    this.lastFrame = this.isGliding ? now : 0;
    return wasGliding;
  }

  /** Colour and opacity of each class. */
  looks() {
    const { colours, classNames } = this.run;
    return Array.from({ length: Math.max(classNames.length, 1) }, (_, label) => ({
      colour: colourOf(colours[label % colours.length], this.page.theme.isDark),
      opacity: this.page.opacityOf(label),
    }));
  }

  scene() {
    const { view } = this;
    const isPointed = this.image >= 0 && this.page.opacityOf(this.labels[this.image]) > 0;
    const places = this.placesNow();
    const walk = this.page.walk.panel === this ? this.page.walk.latents(this.epoch) : [];
    return {
      names: view.names,
      strips: view.isStrips ? view.strips : 0,
      stripNames: view.isStrips ? this.run.classNames : [],
      origin: view.place(new Float32Array(this.run.latentDim)),
      grid: this.layers === "points" ? null : this.grid && this.grid.tiles,
      showsDots: this.layers !== "grid",
      walk: walk.map((latent) => view.place(latent)),
      held: view.place(this.latent),
      pointed: isPointed ? [places[2 * this.image], places[2 * this.image + 1]] : null,
    };
  }

  /** Decodes as many tiles of the visible window as a frame allows; tells whether some are left. */
  fillGrid() {
    if (!this.epoch.canDecode) {
      return false;
    }
    this.grid = this.grid || { tiles: [], next: 0 };
    const { left, right, bottom, top } = this.scatter.bounds;
    const rows = this.view.isStrips ? 1 : GRID_SIDE;
    const [width, height] = [(right - left) / GRID_SIDE, (top - bottom) / rows];
    const end = performance.now() + GRID_BUDGET;
    while (this.grid.next < rows * GRID_SIDE && performance.now() < end) {
      const x = left + (this.grid.next % GRID_SIDE) * width;
      const y = bottom + Math.floor(this.grid.next / GRID_SIDE) * height;
      const pixels = this.epoch.decode(this.view.moved(this.latent, x + width / 2, y + height / 2));
      const picture = document.createElement("canvas");
      drawPixels(picture, pixels, this.run.imageShape);
      this.grid.tiles.push({ picture, left: x, right: x + width, bottom: y, top: y + height });
      this.grid.next++;
    }
    return this.grid.next < rows * GRID_SIDE;
  }

  // What a person asks for

  zoom(factor, x = this.view.place(this.latent)[0], y = this.view.place(this.latent)[1]) {
    this.view.zoom(factor, x, y);
    this.scatter.bounds = this.view.bounds;
    this.needsDots = true;
    this.grid = null;
    this.draw();
  }

  pointNext(step) {
    const { count } = this.run;
    for (let turn = 1; turn <= count; turn++) {
      const image = (((this.image + step * turn) % count) + count) % count;
      if (this.page.opacityOf(this.labels[image]) > 0) {
        this.page.point(image, this);
        return;
      }
    }
  }

  addPoint() {
    const latent = this.latent.map((value) => Number(value.toFixed(4)));
    this.page.walk.add(this, { latent, name: this.latentInWords(latent), word: spelled(latent) });
  }

  addImage() {
    if (this.image >= 0) {
      const name = this.run.nameOf(this.image);
      this.page.walk.add(this, { image: this.image, name, word: `#${this.run.index[this.image]}` });
    }
  }

  announce() {
    const pointed = this.image >= 0 ? `, pointing at ${this.run.nameOf(this.image)}` : "";
    this.page.say(`${this.latentInWords()}${pointed}`);
  }
}

/** Values at a share of the way from some to others. */
function between(from, to, share) {
  const values = new Float32Array(to.length);
  for (let at = 0; at < values.length; at++) {
    values[at] = from[at] + share * (to[at] - from[at]);
  }
  return values;
}
