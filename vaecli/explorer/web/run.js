// A run as it lies in the page: its classes, its images, and what each epoch left.

const DECODERS_KEPT = 3; // unpacked at a time; one of the default network takes 3.5 MB

class Run {
  constructor(packed) {
    this.name = packed.name;
    this.facts = packed.facts;
    this.command = packed.command;
    this.curve = packed.curve; // [{number, metrics}], of the epochs that are not shown, too
    this.description = packed.description;
    this.imageShape = packed.imageShape;
    this.classNames = packed.classNames;
    this.colours = packed.colours;
    this.labels = fromIntegers(packed.labels);
    this.index = fromIntegers(packed.index);
    this.count = this.labels.length;
    this.latentDim = packed.centre.length;
    this.components = { axes: packed.axes, centre: packed.centre, names: packed.axisNames };
    this.thumbnails = packed.thumbnails && new Thumbnails(packed.thumbnails);
    this.epochs = packed.epochs.map((epoch) => new Epoch(this, epoch));
    this.unknown = unknownParts(this.description);
    this.decoders = new Map();
  }

  /** Shows the thumbnails of another run, which holds the same images, where it has none of its own. */
  lookIn(other) {
    this.shelf = this.thumbnails || !other.thumbnails ? this : other;
    this.rowOf = new Map(Array.from(this.shelf.index, (number, row) => [number, row]));
  }

  /** Draws the thumbnail of an image; a promise of whether there is one. */
  async drawThumbnail(canvas, image) {
    const { thumbnails } = this.shelf;
    const row = this.rowOf.get(this.index[image]);
    if (!thumbnails || row === undefined || !thumbnails.has(row)) {
      return false;
    }
    await thumbnails.draw(canvas, row);
    return true;
  }

  get last() {
    return this.epochs[this.epochs.length - 1];
  }

  /** The epochs that can be shown: those that can decode, if any can. The others lie on the way. */
  get offered() {
    const able = this.epochs.filter((epoch) => epoch.canDecode);
    return able.length ? able : this.epochs;
  }

  /** The epoch that is shown at a number: that one, or the nearest that can be shown. */
  epochAt(number) {
    const distance = (epoch) => Math.abs(epoch.number - number);
    return this.offered.reduce((best, epoch) => (distance(epoch) < distance(best) ? epoch : best));
  }

  /** The latents by how much they say of an image: [{dim, kl, isActive}], the largest KL first. */
  latentsByKl() {
    const kl = this.last.metrics.kl_per_latent;
    const latents = kl.map((nats, dim) => ({ dim, kl: nats, isActive: this.last.varianceOf(dim) > 0.01 }));
    return latents.sort((one, other) => other.kl - one.kl);
  }

  nameOf(image) {
    const name = this.classNames.length ? ` ${this.classNames[this.labels[image]]}` : "";
    return `#${this.index[image]}${name}`;
  }

  /** The tensors of an epoch, unpacked; the last few that were used are kept. */
  tensorsOf(epoch) {
    let tensors = this.decoders.get(epoch);
    if (!tensors) {
      const shapes = tensorShapes([this.description.decoder], this.description.likelihood);
      const { bits, values } = epoch.packedWeights;
      tensors = namedTensors(shapes, fromBase64(values), bits);
    }
    this.decoders.delete(epoch);
    this.decoders.set(epoch, tensors);
    if (this.decoders.size > DECODERS_KEPT) {
      this.decoders.delete(this.decoders.keys().next().value);
    }
    return tensors;
  }
}

class Epoch {
  constructor(run, packed) {
    this.run = run;
    this.number = packed.number;
    this.metrics = packed.metrics;
    this.packedMeans = packed.means;
    this.packedWeights = packed.weights;
    this.unpackedMeans = null;
  }

  get canDecode() {
    return this.packedWeights !== null && !this.run.unknown.length;
  }

  /** The encodings of all images, row by row. */
  get means() {
    this.unpackedMeans = this.unpackedMeans || fromUint16(this.packedMeans);
    return this.unpackedMeans;
  }

  meanOf(image) {
    return this.means.slice(image * this.run.latentDim, (image + 1) * this.run.latentDim);
  }

  /** Pixels in [0, 1], or null if this epoch left no weights. */
  decode(latent) {
    return this.canDecode ? decode(this.run.description, this.run.tensorsOf(this), latent) : null;
  }

  varianceOf(dim) {
    const { latentDim, count } = this.run;
    let [sum, squares] = [0, 0];
    for (let at = dim; at < this.means.length; at += latentDim) {
      sum += this.means[at];
      squares += this.means[at] ** 2;
    }
    return squares / count - (sum / count) ** 2;
  }
}
