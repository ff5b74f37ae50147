/** Small methods of the older protocol. */
import type { HandlerTable } from '../../rpc/application.ts';

export function miscHandlers(): Pick<HandlerTable, 'getUserAgent'> {
  return { getUserAgent: (_params, { client }) => ({ userAgent: client.identity.userAgent }) };
}
