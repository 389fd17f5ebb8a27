// Arrays as they are packed into the page by vaecli/explorer/packing.py: bytes in base64, little-endian.

/** Returns the bytes of base64 text. */
function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) {
    bytes[at] = binary.charCodeAt(at);
  }
  return bytes;
}

/** Returns float32 values of float16 bytes. */
function fromFloat16(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.byteLength / 2);
  for (let at = 0; at < values.length; at++) {
    values[at] = float16(view.getUint16(2 * at, true));
  }
  return values;
}

function float16(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) {
    return sign * fraction * 2 ** -24;
  }
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/**
 * Returns tensors by the names under which they are stored, of the bytes that hold them one after the other.
 * `shapes` lists them in that order; `bits` is 16 for float16, or 8 for whole numbers of steps.
 */
function namedTensors(shapes, bytes, bits) {
  const tensors = {};
  let start = 0;
  for (const [name, shape] of shapes) {
    const count = shape.reduce((product, side) => product * side, 1);
    const isInSteps = bits === 8 && shape.length > 1;
    const size = isInSteps ? 4 * shape[shape.length - 1] + count : 2 * count;
    const own = bytes.subarray(start, start + size);
    tensors[name] = isInSteps ? fromSteps(own, shape[shape.length - 1]) : fromFloat16(own);
    start += size;
  }
  return tensors;
}

/** Returns the values of a tensor: the step of each place of its last axis, then whole numbers of steps. */
function fromSteps(bytes, last) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const steps = Float32Array.from({ length: last }, (_, at) => view.getFloat32(4 * at, true));
  const values = new Float32Array(bytes.byteLength - 4 * last);
  for (let at = 0; at < values.length; at++) {
    values[at] = steps[at % last] * view.getInt8(4 * last + at);
  }
  return values;
}

/** Returns [name, shape] of each tensor of halves, and of the likelihood, in the order in which they are packed. */
function tensorShapes(halves, likelihood) {
  const layers = halves.flatMap((half) =>
    half.layers.flatMap((layer) =>
      Object.entries(layer.tensors).map(([name, shape]) => [`${half.name}/${layer.name}/${name}`, shape])
    )
  );
  const learnt = Object.entries(likelihood.tensors).map(([name, shape]) => [`likelihood/${name}`, shape]);
  return [...layers, ...learnt];
}

/** Returns whole numbers of 32 bits. */
function fromIntegers(text) {
  const bytes = fromBase64(text);
  const view = new DataView(bytes.buffer);
  return Int32Array.from({ length: bytes.length / 4 }, (_, at) => view.getInt32(4 * at, true));
}

/** Returns the values, row by row, of whole numbers between the least and the largest of each column. */
function fromUint16({ low, step, values }) {
  const bytes = fromBase64(values);
  const out = new Float32Array(bytes.length / 2);
  for (let at = 0; at < out.length; at++) {
    const column = at % low.length;
    out[at] = low[column] + step[column] * (bytes[2 * at] + 256 * bytes[2 * at + 1]);
  }
  return out;
}
