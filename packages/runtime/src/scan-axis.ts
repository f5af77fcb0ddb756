import * as tf from "@tensorflow/tfjs-core";

const corrected = new WeakSet<tf.KernelFunc>();

/**
 * Lets `tf.cumsum` and `tf.cumprod` of tfjs's own backends count the axis from the end, as every other function does:
 * for a negative axis the stock kernel of cpu returns an empty tensor, and that of wasm writes outside its memory.
 */
export function correctScanAxis(): void {
  for (const backendName of ["cpu", "wasm"]) {
    for (const kernelName of ["Cumsum", "Cumprod"]) {
      const stock = tf.getKernel(kernelName, backendName);
      if (stock === undefined || corrected.has(stock.kernelFunc)) continue;
      const kernelFunc: tf.KernelFunc = (call) => {
        const [axis] = tf.util.parseAxisParam(call.attrs!.axis as number, call.inputs.x!.shape) as [number];
        return stock.kernelFunc({ ...call, attrs: { ...call.attrs, axis } });
      };
      corrected.add(kernelFunc);
      tf.unregisterKernel(kernelName, backendName);
      tf.registerKernel({ ...stock, kernelFunc });
    }
  }
}
