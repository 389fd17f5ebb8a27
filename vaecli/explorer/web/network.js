// A network as data, interpreted: the same layers as vaecli/blueprint/layers.py, for one image or latent.
//
// A description (vaecli/blueprint/description.py) lists the layers of a half; each gives an array of the
// shape that is written beside it. Arrays are flat, the last axis first.

/** The function of each value that a layer's `activation` or `function` names. */
const ACTIVATIONS = {
  linear: null,
  relu: (x) => Math.max(x, 0),
  silu: (x) => x / (1 + Math.exp(-x)),
  softplus,
};

function softplus(x) {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function sigmoid(x) {
  return 1 / (1 + Math.exp(-x));
}

/** What each kind of layer computes: (layer, its tensors, its inputs as {values, shape}) → values. */
const LAYERS = {
  Dense(layer, { kernel, bias }, [x]) {
    const sums = Float32Array.from(bias);
    addProduct(sums, x.values, kernel);
    return mapped(sums, ACTIVATIONS[layer.activation]);
  },

  Convolution(layer, { kernel, bias }, [x]) {
    const { size, stride, filters } = layer;
    const [height, width, channels] = x.shape;
    const [rows, columns] = layer.shape;
    const [top, left] = [paddingBefore(height, size, stride), paddingBefore(width, size, stride)];
    const out = repeated(bias, rows * columns);
    forEachTap(rows, columns, size, stride, top, left, height, width, (position, tap, from) => {
      for (let channel = 0; channel < channels; channel++) {
        const value = x.values[from * channels + channel];
        addScaled(out, position * filters, kernel, (tap * channels + channel) * filters, filters, value);
      }
    });
    return out;
  },

  TransposedConvolution(layer, { kernel, bias }, [x]) {
    const { size, stride, filters } = layer;
    const [rows, columns, channels] = x.shape;
    const [height, width] = layer.shape;
    const [top, left] = [paddingBefore(height, size, stride), paddingBefore(width, size, stride)];
    const out = repeated(bias, height * width);
    forEachTap(rows, columns, size, stride, top, left, height, width, (position, tap, to) => {
      for (let filter = 0; filter < filters; filter++) {
        const row = (tap * filters + filter) * channels;
        out[to * filters + filter] += dot(kernel, row, x.values, position * channels, channels);
      }
    });
    return out;
  },

  Activation: (layer, tensors, [x]) => mapped(x.values, ACTIVATIONS[layer.function]),

  Flatten: (layer, tensors, [x]) => x.values,

  Reshape: (layer, tensors, [x]) => x.values,

  Crop(layer, tensors, [x]) {
    const row = x.shape[1] * x.shape[2];
    const kept = layer.width * x.shape[2];
    const out = new Float32Array(layer.height * kept);
    for (let y = 0; y < layer.height; y++) {
      out.set(x.values.subarray(y * row, y * row + kept), y * kept);
    }
    return out;
  },

  Add(layer, tensors, inputs) {
    const out = Float32Array.from(inputs[0].values);
    for (const term of inputs.slice(1)) {
      addScaled(out, 0, term.values, 0, out.length, 1);
    }
    return out;
  },

  Concatenate(layer, tensors, inputs) {
    const out = new Float32Array(layer.shape[0]);
    let end = 0;
    for (const part of inputs) {
      out.set(part.values, end);
      end += part.values.length;
    }
    return out;
  },

  Rescaling: (layer, tensors, [x]) => mapped(x.values, (value) => value * layer.factor + layer.offset),

  GroupNormalization(layer, { gamma, beta }, [x]) {
    const channels = x.shape[2];
    const groupSize = channels / layer.groups;
    const out = new Float32Array(x.values.length);
    for (let group = 0; group < layer.groups; group++) {
      const own = positionsOf(x.values.length, channels, group * groupSize, groupSize);
      const mean = average(own, (at) => x.values[at]);
      const variance = average(own, (at) => (x.values[at] - mean) ** 2);
      const scale = 1 / Math.sqrt(variance + layer.epsilon);
      for (const at of own) {
        out[at] = (x.values[at] - mean) * scale * gamma[at % channels] + beta[at % channels];
      }
    }
    return out;
  },

  Upsampling(layer, tensors, [x]) {
    const [height, width, channels] = layer.shape;
    const out = new Float32Array(height * width * channels);
    for (let y = 0, to = 0; y < height; y++) {
      for (let column = 0; column < width; column++, to += channels) {
        const from = (Math.floor(y / layer.factor) * x.shape[1] + Math.floor(column / layer.factor)) * channels;
        out.set(x.values.subarray(from, from + channels), to);
      }
    }
    return out;
  },

  LogVariance: (layer, tensors, [x]) => mapped(x.values, (value) => 2 * Math.log(Math.max(value, layer.floor))),
};

/** The expected value of a pixel, of its logit and what the likelihood learnt. */
const LIKELIHOODS = {
  Bernoulli: () => sigmoid,
  Gaussian: () => sigmoid,
  ContinuousBernoulli: () => continuousBernoulliMean,
  Logistic(learnt) {
    const floor = Math.log(0.25 / 255);
    const scale = Math.exp(floor + softplus(learnt.log_scale[0] - floor));
    return (logit) => {
      const place = 0.5 + 0.25 * logit;
      const mean = scale * (softplus(place / scale) - softplus((place - 1) / scale));
      return Math.min(Math.max(mean, 0), 1);
    };
  },
};

function continuousBernoulliMean(logit) {
  const bound = Math.asinh(255 / 3);
  const natural = 3 * Math.sinh(bound * Math.tanh(logit / bound));
  if (Math.abs(natural) < 0.1) {
    return 0.5 + natural / 12 - natural ** 3 / 720;
  }
  return 1 / -Math.expm1(-natural) - 1 / natural;
}

/** Says which layers or likelihood of a description this page does not know; an empty list if it can run it. */
function unknownParts(description) {
  const layers = [...description.encoder.layers, ...description.decoder.layers].slice();
  const unknown = layers.map((layer) => layer.kind).filter((kind) => kind !== "Input" && !(kind in LAYERS));
  return description.likelihood.kind in LIKELIHOODS ? unknown : [...unknown, description.likelihood.kind];
}

/** Returns a half's outputs for one image or latent. */
function runHalf(half, tensors, given) {
  const made = { [half.layers[0].name]: { values: given, shape: half.layers[0].shape } };
  for (const layer of half.layers.slice(1)) {
    const own = {};
    for (const name of Object.keys(layer.tensors)) {
      own[name] = tensors[`${half.name}/${layer.name}/${name}`];
    }
    const inputs = layer.inputs.map((name) => made[name]);
    made[layer.name] = { values: LAYERS[layer.kind](layer, own, inputs), shape: layer.shape };
  }
  return half.outputs.map((name) => made[name].values);
}

/** Returns the pixels in [0, 1] that a latent is decoded to, (height · width · channels). */
function decode(description, tensors, latent) {
  const [logits] = runHalf(description.decoder, tensors, Float32Array.from(latent));
  const learnt = {};
  for (const name of Object.keys(description.likelihood.tensors)) {
    learnt[name] = tensors[`likelihood/${name}`];
  }
  return mapped(logits, LIKELIHOODS[description.likelihood.kind](learnt));
}

/** Returns mean and log-variance of an image with pixels in [0, 1]. */
function encode(description, tensors, pixels) {
  const [mean, logVar] = runHalf(description.encoder, tensors, Float32Array.from(pixels));
  return { mean, logVar: mapped(logVar, (value) => Math.min(Math.max(value, -20), 20)) };
}

function mapped(values, change) {
  if (!change) {
    return values;
  }
  const out = new Float32Array(values.length);
  for (let at = 0; at < values.length; at++) {
    out[at] = change(values[at]);
  }
  return out;
}

/** Adds a row of values times a matrix, four of its rows at a time: that is twice as fast as one by one. */
function addProduct(sums, values, matrix) {
  const columns = sums.length;
  const whole = values.length - (values.length % 4);
  for (let row = 0; row < whole; row += 4) {
    const [a, b, c, d] = [values[row], values[row + 1], values[row + 2], values[row + 3]];
    const [first, second, third, fourth] = [0, 1, 2, 3].map((step) => (row + step) * columns);
    for (let at = 0; at < columns; at++) {
      sums[at] += a * matrix[first + at] + b * matrix[second + at] + c * matrix[third + at] + d * matrix[fourth + at];
    }
  }
  for (let row = whole; row < values.length; row++) {
    addScaled(sums, 0, matrix, row * columns, columns, values[row]);
  }
}

function addScaled(sums, to, values, from, count, factor) {
  if (factor !== 0) {
    for (let at = 0; at < count; at++) {
      sums[to + at] += values[from + at] * factor;
    }
  }
}

function dot(left, from, right, at, count) {
  let sum = 0;
  for (let step = 0; step < count; step++) {
    sum += left[from + step] * right[at + step];
  }
  return sum;
}

function repeated(bias, times) {
  const out = new Float32Array(bias.length * times);
  for (let time = 0; time < times; time++) {
    out.set(bias, time * bias.length);
  }
  return out;
}

/** Zeros that TensorFlow's `same` padding puts before a side. */
function paddingBefore(side, size, stride) {
  return Math.max((Math.ceil(side / stride) - 1) * stride + size - side, 0) >> 1;
}

/** Calls with each position of the smaller grid, each tap of a kernel, and the pixel of the larger grid there. */
function forEachTap(rows, columns, size, stride, top, left, height, width, visit) {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let tap = 0; tap < size * size; tap++) {
        const y = row * stride + Math.floor(tap / size) - top;
        const x = column * stride + (tap % size) - left;
        if (y >= 0 && y < height && x >= 0 && x < width) {
          visit(row * columns + column, tap, y * width + x);
        }
      }
    }
  }
}

function positionsOf(length, channels, first, count) {
  const found = [];
  for (let at = first; at < length; at += channels) {
    for (let channel = 0; channel < count; channel++) {
      found.push(at + channel);
    }
  }
  return found;
}

function average(positions, value) {
  let sum = 0;
  for (const at of positions) {
    sum += value(at);
  }
  return sum / positions.length;
}
