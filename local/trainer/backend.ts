import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { dirname, sep } from "node:path";

let ready: Promise<typeof tf> | undefined;

/** TensorFlow.js on WebAssembly, from the files of the npm package; nothing is downloaded. One thread: trials run side by side. */
export function tensorflow(): Promise<typeof tf> {
  ready ??= (async () => {
    setWasmPaths(dirname(require.resolve("@tensorflow/tfjs-backend-wasm")) + sep);
    await tf.setBackend("wasm");
    await tf.ready();
    return tf;
  })();
  return ready;
}
