// A metric against the epochs, with a mark at the epoch that is shown.

const CHART = { width: 560, height: 170, left: 52, right: 12, top: 12, bottom: 26 };
const METRICS = {
  negative_elbo: "−ELBO",
  reconstruction: "reconstruction",
  kl: "KL",
  active_units: "active latents",
  training_loss: "training loss",
  learning_rate: "learning rate",
  squared_error: "squared error",
};

class Curve {
  /** `choose` is called with the number of an epoch that was clicked. */
  constructor(section, runs, choose) {
    const [svg, select] = [section.querySelector("svg"), section.querySelector("select")];
    Object.assign(this, { section, svg, select, runs, choose });
    this.svg.setAttribute("viewBox", `0 0 ${CHART.width} ${CHART.height}`);
    for (const [name, title] of Object.entries(METRICS)) {
      if (runs.some((run) => pointsOf(run, name).length > 1)) {
        select.append(new Option(title, name));
      }
    }
    select.addEventListener("change", () => this.draw(this.number));
    svg.addEventListener("pointerdown", (event) => this.choose(this.numberAt(event)));
    this.numbers = runs.flatMap((run) => run.curve.map((epoch) => epoch.number));
  }

  /** Draws the curve of each run, and the mark of an epoch. */
  draw(number) {
    this.number = number;
    const name = this.select.value;
    this.section.hidden = !name; // a single epoch makes no curve
    if (!name) {
      return;
    }
    const curves = this.runs.map((run) => pointsOf(run, name));
    const range = rangeOf(curves);
    const colours = ["var(--ink)", "var(--quiet)"];
    const lines = curves.map((points, at) => {
      const path = points.map(([epoch, value], step) => {
        const y = this.y(Math.min(value, range.high), range);
        return `${step ? "L" : "M"}${this.x(epoch).toFixed(1)} ${y.toFixed(1)}`;
      });
      return element("path", { class: "line", d: path.join(""), stroke: colours[at % 2] });
    });
    const x = this.x(number);
    const frame = {
      class: "frame",
      x: CHART.left,
      y: CHART.top,
      width: CHART.width - CHART.left - CHART.right,
      height: CHART.height - CHART.top - CHART.bottom,
    };
    this.svg.replaceChildren(
      element("rect", frame),
      ...lines,
      element("line", { class: "mark", x1: x, x2: x, y1: CHART.top, y2: CHART.height - CHART.bottom }),
      this.text(CHART.left - 6, CHART.top + 8, short(range.high), "end"),
      this.text(CHART.left - 6, CHART.height - CHART.bottom, short(range.low), "end"),
      this.text(this.x(Math.min(...this.numbers)), CHART.height - 6, String(Math.min(...this.numbers)), "middle"),
      this.text(this.x(Math.max(...this.numbers)), CHART.height - 6, String(Math.max(...this.numbers)), "middle")
    );
    this.svg.setAttribute("aria-label", this.inWords(name, curves));
  }

  inWords(name, curves) {
    const ends = curves.map((points, at) => {
      const here = points.find(([epoch]) => epoch === this.number) || points[points.length - 1];
      return here ? `${this.runs[at].name}: ${short(here[1])} at epoch ${here[0]}` : this.runs[at].name;
    });
    return `${METRICS[name]} against epochs. ${ends.join(". ")}`;
  }

  x(epoch) {
    const [first, last] = [Math.min(...this.numbers), Math.max(...this.numbers)];
    const share = last > first ? (epoch - first) / (last - first) : 0.5;
    return CHART.left + share * (CHART.width - CHART.left - CHART.right);
  }

  y(value, { low, high }) {
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return CHART.height - CHART.bottom - share * (CHART.height - CHART.top - CHART.bottom);
  }

  numberAt(event) {
    const box = this.svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * CHART.width;
    const away = (number) => Math.abs(this.x(number) - x);
    return this.numbers.reduce((best, number) => (away(number) < away(best) ? number : best));
  }

  text(x, y, words, anchor) {
    const node = element("text", { x, y, "text-anchor": anchor });
    node.textContent = words;
    return node;
  }
}

function pointsOf(run, name) {
  const points = run.curve.map((epoch) => [epoch.number, epoch.metrics[name]]);
  return points.filter(([, value]) => typeof value === "number");
}

/** From the least to the largest value; epoch 0, which is far above, does not count where there are others. */
function rangeOf(curves) {
  const later = curves.flatMap((points) => points.filter(([epoch]) => epoch > 0));
  const values = (later.length > 1 ? later : curves.flat()).map(([, value]) => value);
  return { low: Math.min(...values), high: Math.max(...values) };
}

function short(value) {
  return Math.abs(value) >= 100 ? inWords(value, 1) : inWords(Number(value.toPrecision(3)), value % 1 ? 3 : 0);
}

function element(name, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    node.setAttribute(key, String(value));
  }
  return node;
}
