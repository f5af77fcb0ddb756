// The gradient table of TensorFlow.js, bundled: tfjs-core alone registers none on Node, and its own file does not resolve there.
// tfjs-core itself goes first: the class Tensor of the copy that loads first serves both, and the bundle's has no operations.
import "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
