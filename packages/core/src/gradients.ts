// The gradient table of TensorFlow.js, bundled: tfjs-core alone registers none on Node, and its own file does not resolve there.
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
