/** The composition root: builds the application behind the wire. */
import { allClientRequests } from './protocol/registry.ts';
import type { Application, HandlerTable, OpenApplication } from './rpc/application.ts';
import { internalError } from './rpc/errors.ts';

const unsupported = (method: string) => (): never => {
  throw internalError(`not supported yet: ${method}`);
};

export const openApplication: OpenApplication = async (): Promise<Application> => ({
  handlers: Object.fromEntries(
    allClientRequests.map(({ method }) => [method, unsupported(method)]),
  ) as unknown as HandlerTable,
  lanesOf: () => [],
  startupWarnings: [],
  close: async () => undefined,
});
