/** Small methods of the older protocol. */
import { defineHandlers } from '../define.ts';

export function miscHandlers() {
  return defineHandlers({ getUserAgent: (_params, { client }) => ({ userAgent: client.identity.userAgent }) });
}
