import { createLogger, type Logger } from '../../src/base/log.ts';

export const silentLogger: Logger = createLogger(
  { fallback: -1, areas: new Map() },
  () => undefined,
  () => 0,
);
