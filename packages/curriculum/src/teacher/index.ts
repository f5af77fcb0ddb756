export { type RunCurriculumOptions, type RunEvent, runCurriculum } from "./run.js";
export type { SignalKind } from "./signal.js";
export type { Diagnostics, Feedback, Teacher, TeacherState, Ticket } from "./teacher.js";
