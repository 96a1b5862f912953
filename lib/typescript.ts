/**
 * Node's options that run TypeScript. tsx's command line tool is not used: it would stay as a process of its own, which passes
 * signals on a second time and kills a program that has not taken one within 60 ms. Neither is its loader of ES modules, which is
 * a thread of its own.
 */
export const typescriptOptions = ["--require", require.resolve("tsx/cjs")];
