// The page as a whole: what its runs share. Epochs, classes, the walk, curves, and words for those who listen.

const PLAY_EVERY = 650; // milliseconds
const SAY_AFTER = 350; // milliseconds without another thing to say

class Page {
  constructor({ runs, notes }) {
    this.ids = 0;
    this.runs = runs.map((run) => new Run(run));
    this.runs.forEach((run) => run.lookIn(this.runs[0]));
    this.numbers = [...new Set(this.runs.flatMap((run) => run.offered.map((epoch) => epoch.number)))];
    this.numbers.sort((one, other) => one - other);
    this.hidden = new Set();
    this.highlighted = null;
    this.isStill = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.readTheme();
    this.walk = new Walk(
      {
        list: byId("stops"),
        strip: byId("strip"),
        hint: byId("walk-hint"),
        actions: byId("walk-actions"),
        command: byId("command"),
        copy: byId("copy"),
        clear: byId("clear"),
      },
      (words) => this.say(words)
    );
    byId("main").hidden = byId("time").hidden = false;
    byId("main").className = this.runs.length > 1 ? "double" : "single";
    this.panels = this.runs.map((run) => this.panelOf(run));
    this.panels.forEach((panel) => panel.shareScale(this.panels));
    this.curve = new Curve(byId("curve"), this.runs, (number) => this.showNearest(number));
    this.describe(notes);
    this.makeTimeline();
    this.walk.draw();
    this.showEpoch(this.numbers[this.numbers.length - 1], true);
  }

  newId() {
    this.ids += 1;
    return `control-${this.ids}`;
  }

  panelOf(run) {
    const root = byId("panel").content.firstElementChild.cloneNode(true);
    byId("panels").append(root);
    const isAlone = this.runs.length === 1;
    root.querySelector(".name").hidden = isAlone;
    if (isAlone) {
      root.querySelector(".side").append(byId("shared"));
    }
    const panel = new Panel(this, run, root);
    this.makeClasses(panel, root.querySelector(".classes"));
    return panel;
  }

  // Epochs

  makeTimeline() {
    const slider = byId("epoch");
    slider.max = String(this.numbers.length - 1);
    slider.addEventListener("input", () => this.showEpoch(this.numbers[Number(slider.value)]));
    byId("play").addEventListener("click", () => this.play(!this.playing));
    document.addEventListener("keydown", (event) => this.onKey(event));
    byId("play").disabled = this.numbers.length < 2;
  }

  onKey(event) {
    const isTyping = ["INPUT", "SELECT", "BUTTON", "SUMMARY"].includes(event.target.tagName);
    if (event.key === " " && !isTyping) {
      event.preventDefault();
      this.play(!this.playing);
    } else if (event.key === "PageDown" || event.key === "PageUp") {
      event.preventDefault();
      this.step(event.key === "PageDown" ? 1 : -1);
    }
  }

  step(by) {
    const at = this.numbers.indexOf(this.number) + by;
    this.showEpoch(this.numbers[Math.min(Math.max(at, 0), this.numbers.length - 1)]);
  }

  play(isPlaying) {
    clearInterval(this.playing);
    this.playing = 0;
    byId("play").textContent = isPlaying ? "Pause" : "Play";
    byId("play").setAttribute("aria-label", isPlaying ? "Pause" : "Play the epochs");
    if (isPlaying) {
      const isAtEnd = this.number === this.numbers[this.numbers.length - 1];
      this.showEpoch(isAtEnd ? this.numbers[0] : this.number);
      this.playing = setInterval(() => this.playOn(), PLAY_EVERY);
    }
  }

  playOn() {
    if (this.panels.some((panel) => panel.isGliding)) {
      return;
    }
    this.step(1);
    if (this.number === this.numbers[this.numbers.length - 1]) {
      this.play(false);
    }
  }

  showEpoch(number, isFirst = false) {
    this.number = number;
    const slider = byId("epoch");
    slider.value = String(this.numbers.indexOf(number));
    this.panels.forEach((panel) => panel.showEpoch(number, isFirst || this.isStill.matches));
    const words = this.epochInWords(number);
    byId("epoch-text").textContent = words;
    slider.setAttribute("aria-valuetext", words);
    this.curve.draw(number);
    this.walk.draw();
  }

  showNearest(number) {
    const away = (each) => Math.abs(each - number);
    this.showEpoch(this.numbers.reduce((best, each) => (away(each) < away(best) ? each : best)));
  }

  epochInWords(number) {
    const epoch = this.runs[0].epochs.find((each) => each.number === number);
    const elbo = epoch && this.runs.length === 1 ? ` · −ELBO ${inWords(epoch.metrics.negative_elbo, 1)}` : "";
    return `${number}${number === 0 ? " (untrained)" : ""}${elbo}`;
  }

  // Images and classes

  /** Points every run at an image of one of them, if it has the same images. */
  point(image, panel) {
    for (const each of this.panels) {
      const isSame = each === panel || each.run.index[image] === panel.run.index[image];
      each.point(isSame ? image : -1);
    }
    panel.announce();
  }

  opacityOf(label) {
    if (this.hidden.has(label)) {
      return 0;
    }
    return this.highlighted === null || this.highlighted === label ? 1 : FADED;
  }

  /** Makes a button for each class; in the row arrows move from one to the next. */
  makeClasses(panel, box) {
    const buttons = panel.run.classNames.map((name, label) => this.classButton(panel, name, label));
    box.hidden = buttons.length === 0;
    box.append(...buttons);
    buttons.forEach((button, at) => {
      button.tabIndex = at === 0 ? 0 : -1;
    });
    box.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (by) {
        event.preventDefault();
        const at = (buttons.indexOf(document.activeElement) + by + buttons.length) % buttons.length;
        buttons.forEach((button, which) => {
          button.tabIndex = which === at ? 0 : -1;
        });
        buttons[at].focus();
      }
    });
  }

  classButton(panel, name, label) {
    const button = document.createElement("button");
    const dot = document.createElement("span");
    button.type = "button";
    button.className = "class";
    dot.className = "dot";
    dot.style.background = panel.run.colours[label % panel.run.colours.length];
    button.append(dot, name);
    button.setAttribute("aria-pressed", "true");
    button.addEventListener("click", () => this.toggleClass(label));
    button.addEventListener("pointerenter", () => this.highlight(label));
    button.addEventListener("focus", () => button.matches(":focus-visible") && this.highlight(label));
    for (const end of ["pointerleave", "blur"]) {
      button.addEventListener(end, () => this.highlight(null));
    }
    return button;
  }

  toggleClass(label) {
    const isHidden = !this.hidden.delete(label);
    if (isHidden) {
      this.hidden.add(label);
    }
    for (const { root } of this.panels) {
      const button = root.querySelectorAll(".class")[label];
      if (button) {
        button.setAttribute("aria-pressed", String(!isHidden));
      }
    }
    this.redrawDots();
  }

  highlight(label) {
    this.highlighted = label;
    this.redrawDots();
  }

  redrawDots() {
    for (const panel of this.panels) {
      panel.needsDots = true;
      panel.draw();
    }
  }

  // Words and looks

  describe(notes) {
    const [run] = this.runs;
    const names = this.runs.map((each) => each.name).join(" and ");
    byId("title").textContent = names;
    const dims = `${run.latentDim} ${run.latentDim === 1 ? "latent" : "latents"}`;
    byId("summary").textContent =
      `${run.count.toLocaleString("en")} held-out images in ${dims}, epoch by epoch. ` + notes.join(" ");
    for (const each of this.runs) {
      byId("facts").append(factsOf(each, this.runs.length > 1));
    }
  }

  readTheme() {
    const schemes = window.matchMedia("(prefers-color-scheme: dark)");
    const read = () => {
      const style = getComputedStyle(document.documentElement);
      this.theme = { isDark: schemes.matches };
      for (const name of ["paper", "ink", "quiet", "faint", "accent"]) {
        this.theme[name] = style.getPropertyValue(`--${name}`).trim();
      }
    };
    read();
    schemes.addEventListener("change", () => {
      read();
      this.redrawDots();
    });
  }

  /** Says something to screen readers, once nothing newer has been said for a moment. */
  say(words) {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => {
      byId("status").textContent = words;
    }, SAY_AFTER);
  }
}

function factsOf(run, isNamed) {
  const box = document.createElement("div");
  const head = document.createElement("h3");
  const list = document.createElement("dl");
  head.textContent = isNamed ? `About ${run.name}` : "About this run";
  for (const [name, value] of [...run.facts, ["command", run.command]]) {
    const [term, words] = ["dt", "dd"].map((tag) => document.createElement(tag));
    term.textContent = name;
    words.textContent = value;
    list.append(term, words);
  }
  box.append(head, list);
  return box;
}

function byId(id) {
  return document.getElementById(id);
}

/** Says in words why the page cannot go on. */
function complain(error) {
  byId("problem").hidden = false;
  byId("problem").textContent = `This page cannot go on: ${error.message || error}.`;
}

function start() {
  let data;
  try {
    data = JSON.parse(byId("data").textContent);
  } catch {
    complain("its data are damaged or incomplete. Write the file again, or copy all of it");
    return;
  }
  if (!document.createElement("canvas").getContext("2d")) {
    complain("this browser cannot draw on a canvas");
    return;
  }
  try {
    const page = new Page(data);
    byId("problem").hidden = page.runs.length > 0;
  } catch (error) {
    complain(error);
  }
}

window.addEventListener("error", (event) => complain(event.error || event.message));
document.addEventListener("DOMContentLoaded", start);
