// The plane that is looked at: two latents, two principal components, or one latent in strips by class.

const GOLDEN = 0.6180339887498949;
const LEAST_EXTENT = 3; // standard deviations of the prior that a window always shows
const COVERED = 0.998; // of the points of each epoch lie inside, on either axis
const SAMPLED = 5000; // points are enough to find a window

class View {
  /** axes: one or two directions of unit length, each an array of as many values as there are latents. */
  constructor(run, axes, centre, names) {
    Object.assign(this, { run, axes, centre, names });
    this.isStrips = axes.length === 1;
    this.strips = Math.max(run.classNames.length, 1);
    this.placed = new Map();
    this.whole = this.wholeBounds();
    this.bounds = this.whole;
  }

  static ofLatents(run, dims) {
    const axes = dims.map((dim) => Array.from({ length: run.latentDim }, (_, at) => Number(at === dim)));
    return new View(run, axes, new Array(run.latentDim).fill(0), dims.map(latentName));
  }

  static ofComponents(run) {
    const { axes, centre, names } = run.components;
    return new View(run, axes, centre, names);
  }

  along(axis, latent, offset = 0) {
    let sum = 0;
    for (let dim = 0; dim < axis.length; dim++) {
      sum += axis[dim] * (latent[offset + dim] - this.centre[dim]);
    }
    return sum;
  }

  /** Where a latent lies; in strips it lies in the middle. */
  place(latent) {
    const [across, up] = this.axes;
    return [this.along(across, latent), this.isStrips ? this.strips / 2 : this.along(up, latent)];
  }

  /** The latent that lies at a place and differs from another one in the plane only. */
  moved(latent, x, y) {
    const [oldX, oldY] = this.place(latent);
    const moved = Float32Array.from(latent);
    this.axes.forEach((axis, which) => {
      const step = which === 0 ? x - oldX : y - oldY;
      axis.forEach((share, dim) => {
        moved[dim] += share * step;
      });
    });
    return moved;
  }

  /** The places of all images at an epoch: x and y in turn. */
  places(epoch) {
    if (!this.placed.has(epoch)) {
      this.placed.set(epoch, this.placesOf(epoch.means));
    }
    return this.placed.get(epoch);
  }

  placesOf(means) {
    const { count, latentDim, labels, classNames } = this.run;
    const places = new Float32Array(2 * count);
    for (let image = 0; image < count; image++) {
      const offset = image * latentDim;
      const strip = classNames.length ? labels[image] : 0;
      places[2 * image] = this.along(this.axes[0], means, offset);
      places[2 * image + 1] = this.isStrips
        ? strip + 0.12 + 0.76 * ((image * GOLDEN) % 1)
        : this.along(this.axes[1], means, offset);
    }
    return places;
  }

  /** A window that suits every epoch, outliers aside. */
  wholeBounds() {
    const edges = this.run.epochs.map((epoch) => robustEdges(this.places(epoch), 0));
    const [left, right] = widest(edges);
    if (this.isStrips) {
      return { left: left * 1.04, right: right * 1.04, bottom: this.strips, top: 0 };
    }
    const [bottom, top] = widest(this.run.epochs.map((epoch) => robustEdges(this.places(epoch), 1)));
    const margin = 0.04 * Math.max(right - left, top - bottom);
    const wide = { left: left - margin, right: right + margin, bottom: bottom - margin, top: top + margin };
    return squared(wide, false);
  }

  /** Takes the window that shows all of this view and of others, so that they are on one scale. */
  share(others) {
    const all = [this, ...others].map((view) => view.whole);
    const edge = (pick, name) => pick(...all.map((whole) => whole[name]));
    this.whole = {
      left: edge(Math.min, "left"),
      right: edge(Math.max, "right"),
      bottom: this.isStrips ? this.whole.bottom : edge(Math.min, "bottom"),
      top: this.isStrips ? this.whole.top : edge(Math.max, "top"),
    };
    this.whole = squared(this.whole, this.isStrips);
    this.bounds = this.whole;
  }

  /** Zooms about a place; the whole window is the farthest. */
  zoom(factor, x, y) {
    const { whole } = this;
    const { left, right, bottom, top } = this.bounds;
    if ((right - left) * factor >= whole.right - whole.left) {
      this.bounds = whole;
      return;
    }
    const across = (edge) => x + (edge - x) * factor;
    const up = (edge) => (this.isStrips ? edge : y + (edge - y) * factor);
    this.bounds = { left: across(left), right: across(right), bottom: up(bottom), top: up(top) };
  }
}

/** A window around another whose sides are equally long, unless its rows are strips. */
function squared({ left, right, bottom, top }, isStrips) {
  if (isStrips) {
    return { left, right, bottom, top };
  }
  const half = Math.max(right - left, top - bottom) / 2;
  const [x, y] = [(left + right) / 2, (bottom + top) / 2];
  return { left: x - half, right: x + half, bottom: y - half, top: y + half };
}

function robustEdges(places, axis) {
  const stride = Math.max(1, Math.floor(places.length / 2 / SAMPLED));
  const values = new Float32Array(Math.ceil(places.length / 2 / stride));
  for (let at = 0; at < values.length; at++) {
    values[at] = places[2 * at * stride + axis];
  }
  values.sort();
  const tail = Math.floor((values.length * (1 - COVERED)) / 2);
  return [values[tail], values[values.length - 1 - tail]];
}

function widest(edges) {
  const low = Math.min(-LEAST_EXTENT, ...edges.map(([least]) => least));
  return [low, Math.max(LEAST_EXTENT, ...edges.map(([, largest]) => largest))];
}

/** The name of a latent, counted from 1 as on the command line. */
function latentName(dim) {
  return `z${String(dim + 1).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit])}`;
}

/** A number as people read it, with a minus sign. */
function inWords(value, digits = 2) {
  return value.toFixed(digits).replace("-", "−");
}
