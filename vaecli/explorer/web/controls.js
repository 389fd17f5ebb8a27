// How a person moves a panel: choices of a plane, a slider for each latent, pointer, wheel and keys.

const REACH = 14; // pixels from a dot at which it is pointed at
const ZOOM = 0.7;

/** Offers the planes of a run of more than two latents: principal components, or any two latents. */
function offerPlanes(panel) {
  const { run, root } = panel;
  const [plane, across, up] = ["plane", "across", "up"].map((name) => root.querySelector(`.${name}`));
  const show = (where, isShown) => root.querySelectorAll(where).forEach((node) => (node.hidden = !isShown));
  show(".plane-choice", run.latentDim > 2);
  show(".axis-choice", false);
  if (run.latentDim <= 2) {
    return;
  }
  plane.append(new Option("principal components", "components"), new Option("two latents", "latents"));
  for (const latent of run.latentsByKl()) {
    across.append(new Option(titleOf(latent), latent.dim));
    up.append(new Option(titleOf(latent), latent.dim));
  }
  up.selectedIndex = 1;
  const choose = () => {
    if (across.value === up.value) {
      up.selectedIndex = across.selectedIndex === 0 ? 1 : 0;
    }
    const dims = [Number(across.value), Number(up.value)];
    const isOfLatents = plane.value === "latents";
    show(".axis-choice", isOfLatents);
    panel.useView(isOfLatents ? View.ofLatents(run, dims) : View.ofComponents(run));
  };
  [plane, across, up].forEach((choice) => choice.addEventListener("change", choose));
}

function titleOf({ dim, kl }) {
  return `${latentName(dim)} · KL ${inWords(kl, 1)}`;
}

/** Makes a slider for each latent, those with the largest KL first; inactive ones are folded away. */
function offerSliders(panel) {
  const box = panel.root.querySelector(".latents");
  const latents = panel.run.latentsByKl();
  const inactive = latents.filter((latent) => !latent.isActive);
  latents.filter((latent) => latent.isActive).forEach((latent) => box.append(...sliderOf(panel, latent)));
  if (inactive.length) {
    const [folded, summary, inside] = ["details", "summary", "div"].map((tag) => document.createElement(tag));
    summary.textContent = `${inactive.length} inactive ${inactive.length > 1 ? "latents" : "latent"}`;
    inactive.forEach((latent) => inside.append(...sliderOf(panel, latent)));
    folded.append(summary, inside);
    box.append(folded);
  }
}

function sliderOf(panel, latent) {
  const [label, input, output] = ["label", "input", "output"].map((name) => document.createElement(name));
  input.type = "range";
  Object.assign(input, { id: panel.page.newId(), min: "-4", max: "4", step: "0.01", value: "0" });
  label.htmlFor = input.id;
  label.textContent = titleOf(latent);
  input.addEventListener("input", () => {
    const moved = Float32Array.from(panel.latent);
    moved[latent.dim] = Number(input.value);
    panel.holdElsewhere(moved);
  });
  panel.sliders.set(latent.dim, { input, output });
  return [label, input, output];
}

/** Listens to pointer, wheel, keys and buttons. */
function listen(panel) {
  const { canvas } = panel.scatter;
  const { root } = panel;
  canvas.setAttribute(
    "aria-label",
    `Latent space of ${panel.run.name}. Arrows move the point, with Shift in large steps; N and P point at the ` +
      "next and the previous image, Enter adds the point to the walk, I the image, plus and minus zoom."
  );
  listenToPointer(panel, canvas);
  canvas.addEventListener("keydown", (event) => onKey(panel, event));
  const on = (where, act) => root.querySelector(where).addEventListener("click", act);
  on(".nearer", () => panel.zoom(ZOOM));
  on(".farther", () => panel.zoom(1 / ZOOM));
  on(".whole", () => panel.zoom(Infinity));
  on(".add-point", () => panel.addPoint());
  on(".add-image", () => panel.addImage());
  root.querySelector(".layers").addEventListener("change", (event) => panel.showLayers(event.target.value));
  new ResizeObserver(() => panel.draw()).observe(canvas);
}

function listenToPointer(panel, canvas) {
  let isHeld = false;
  const onMove = ({ offsetX, offsetY }) => {
    const image = panel.imageAt(offsetX, offsetY, REACH);
    if (image >= 0 && image !== panel.image) {
      panel.page.point(image, panel);
    }
    if (isHeld) {
      panel.hold(panel.view.moved(panel.latent, ...panel.scatter.toPlace(offsetX, offsetY)));
    }
  };
  canvas.addEventListener("pointermove", onMove);
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    isHeld = true;
    onMove(event);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      isHeld = false;
      panel.announce();
    });
  }
  const onWheel = (event) => {
    event.preventDefault();
    panel.zoom(Math.exp(event.deltaY / 400), ...panel.scatter.toPlace(event.offsetX, event.offsetY));
  };
  canvas.addEventListener("wheel", onWheel, { passive: false });
}

function onKey(panel, event) {
  const { left, right, bottom, top } = panel.scatter.bounds;
  const stride = event.shiftKey ? 0.1 : 0.02;
  const [across, up] = [(right - left) * stride, panel.view.isStrips ? 0 : (top - bottom) * stride];
  const move = (x, y) => {
    const [oldX, oldY] = panel.view.place(panel.latent);
    panel.hold(panel.view.moved(panel.latent, oldX + x, oldY + y));
  };
  const acts = {
    ArrowLeft: () => move(-across, 0),
    ArrowRight: () => move(across, 0),
    ArrowUp: () => move(0, up),
    ArrowDown: () => move(0, -up),
    Home: () => panel.holdElsewhere(new Float32Array(panel.run.latentDim)),
    n: () => panel.pointNext(1),
    p: () => panel.pointNext(-1),
    i: () => panel.addImage(),
    Enter: () => panel.addPoint(),
    "+": () => panel.zoom(ZOOM),
    "-": () => panel.zoom(1 / ZOOM),
    0: () => panel.zoom(Infinity),
  };
  if (event.key in acts && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    acts[event.key]();
    panel.announce();
  }
}
