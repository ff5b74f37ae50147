/** The channel of `fork` as an endpoint for comlink, in either process. */
import type { ChildProcess } from 'node:child_process';
import type { Endpoint } from 'comlink';

type Listener = Parameters<Endpoint['addEventListener']>[1];
type Peer = Pick<ChildProcess, 'on' | 'off' | 'send'> | NodeJS.Process;

export function channelOf(peer: Peer): Endpoint {
  const listeners = new Map<Listener, (data: unknown) => void>();
  return {
    postMessage: (message) => void peer.send?.(message),
    addEventListener: (_type, listener) => {
      const onMessage = (data: unknown): void => {
        const event = new MessageEvent('message', { data });
        if ('handleEvent' in listener) listener.handleEvent(event);
        else listener(event);
      };
      listeners.set(listener, onMessage);
      peer.on('message', onMessage);
    },
    removeEventListener: (_type, listener) => {
      const onMessage = listeners.get(listener);
      listeners.delete(listener);
      if (onMessage !== undefined) peer.off('message', onMessage);
    },
  };
}
