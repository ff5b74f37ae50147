/** Warnings of Node and of libraries. In: each warning. Out: calls. No state. */

/**
 * Hands every warning of this thread to `take`. Node's own way is to write it to descriptor 2, past every stream, and to wait
 * there for whoever reads it.
 */
export function takeWarnings(take: (warning: Error) => void): void {
  process.removeAllListeners('warning');
  process.on('warning', take);
}

/** For worker threads: the thread that started one logs its output. */
export function printWarnings(): void {
  takeWarnings(({ name, message }) => void process.stderr.write(`${name}: ${message}\n`));
}
