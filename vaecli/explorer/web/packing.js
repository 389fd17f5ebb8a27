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

/** Returns tensors by the names under which they are stored; `shapes` lists them in the order of the values. */
function namedTensors(shapes, values) {
  const tensors = {};
  let end = 0;
  for (const [name, shape] of shapes) {
    const start = end;
    end += shape.reduce((product, side) => product * side, 1);
    tensors[name] = values.subarray(start, end);
  }
  return tensors;
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
