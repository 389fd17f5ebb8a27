// A walk: stops that were picked, the images on the way, and the command that makes the same picture.

const STEPS_PER_LEG = 8;

class Walk {
  constructor(nodes, announce) {
    Object.assign(this, { ...nodes, announce });
    this.stops = [];
    this.panel = null;
    this.copy.addEventListener("click", () => this.copyCommand());
    this.clear.addEventListener("click", () => {
      this.stops = [];
      this.changed();
    });
  }

  /** Adds a stop of a panel: a latent, its name, and the word that means it on the command line. */
  add(panel, stop) {
    if (this.panel !== panel) {
      this.stops = [];
    }
    this.panel = panel;
    this.stops.push(stop);
    this.announce(`Stop ${this.stops.length}: ${stop.name}`);
    this.changed();
  }

  remove(at) {
    this.stops.splice(at, 1);
    this.changed();
  }

  changed() {
    this.draw();
    if (this.panel) {
      this.panel.draw();
    }
  }

  /** The latents of the stops at an epoch: those of images move with it. */
  latents(epoch) {
    return this.stops.map((stop) => (stop.image === undefined ? stop.latent : epoch.meanOf(stop.image)));
  }

  draw() {
    const hasWalk = this.stops.length > 1;
    this.hint.textContent = hasWalk
      ? `${this.stops.length} stops, ${this.steps()} images`
      : "Add two points or images, or more, to see the images on the way.";
    this.list.replaceChildren(...this.stops.map((stop, at) => this.stopNode(stop, at)));
    this.actions.hidden = this.stops.length === 0;
    this.command.value = hasWalk ? this.commandLine() : "";
    this.copy.disabled = !hasWalk;
    this.drawStrip(hasWalk);
  }

  stopNode(stop, at) {
    const item = document.createElement("li");
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", `Remove stop ${at + 1}, ${stop.name}`);
    remove.addEventListener("click", () => this.remove(at));
    item.append(`${at + 1}. ${stop.name}`, remove);
    return item;
  }

  steps() {
    return (this.stops.length - 1) * STEPS_PER_LEG + 1;
  }

  drawStrip(hasWalk) {
    const epoch = this.panel && this.panel.epoch;
    if (!hasWalk || !epoch.canDecode) {
      this.strip.replaceChildren();
      this.strip.setAttribute("aria-label", "No walk yet");
      return;
    }
    const canvases = straightWalk(this.latents(epoch), STEPS_PER_LEG).map((latent) => {
      const canvas = document.createElement("canvas");
      drawPixels(canvas, epoch.decode(latent), this.panel.run.imageShape);
      return canvas;
    });
    this.strip.replaceChildren(...canvases);
    const names = this.stops.map((stop) => stop.name).join(" to ");
    this.strip.setAttribute("aria-label", `${canvases.length} decoded images from ${names}`);
  }

  commandLine() {
    const words = this.stops.map((stop) => quoted(stop.word));
    const via = words.slice(1, -1).map((word) => `--via ${word}`);
    const ends = [`--from ${words[0]}`, ...via, `--to ${words[words.length - 1]}`];
    const { run, epoch } = this.panel;
    const how = [`--steps ${this.steps()}`, `--epoch ${epoch.number}`, "-o walk.png"];
    return ["vaecli interpolate", quoted(run.name), ...ends, ...how].join(" ");
  }

  async copyCommand() {
    this.command.select();
    try {
      await navigator.clipboard.writeText(this.command.value);
    } catch {
      document.execCommand("copy"); // where the page may not use the clipboard, as in a notebook
    }
    this.announce("The command is copied.");
  }
}

/** Latents on straight lines from stop to stop, both ends included. */
function straightWalk(stops, stepsPerLeg) {
  const way = [stops[0]];
  for (let leg = 1; leg < stops.length; leg++) {
    for (let step = 1; step <= stepsPerLeg; step++) {
      const share = step / stepsPerLeg;
      way.push(stops[leg - 1].map((value, dim) => value + share * (stops[leg][dim] - value)));
    }
  }
  return way;
}

/** A word as a POSIX shell takes it literally. */
function quoted(word) {
  return /^[A-Za-z0-9_.:,/@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A latent as the command line spells it, to four decimals. */
function spelled(latent) {
  return `z:${[...latent].map((value) => String(Number(value.toFixed(4)))).join(",")}`;
}
