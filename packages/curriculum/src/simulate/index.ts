export { type BernoulliArms, createBernoulliArms, meanReward, pullArm } from "./bernoulli-arms.js";
export { bestTask, type CubeWorld, createCubeWorld, inLearnable, masteredShare, visitCube } from "./cube-world.js";
export {
  acceptRate,
  createPromptWorld,
  type Draws,
  drawAnswers,
  type GradientMoments,
  gradientMoments,
  meanLogAcceptance,
  type PromptWorld,
  raftGradient,
} from "./prompt-world.js";
export {
  type Attempt,
  ascend,
  attemptLevel,
  createStudent,
  grpoGradient,
  type Student,
  successProbability,
} from "./student.js";
