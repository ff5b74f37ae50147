/** The channel of `fork` as an endpoint for comlink, in either process. */
import type { ChildProcess } from 'node:child_process';
import type { Endpoint } from 'comlink';

type Listener = Parameters<Endpoint['addEventListener']>[1];
type Peer = Pick<ChildProcess, 'on' | 'off' | 'send' | 'connected'> | NodeJS.Process;

export function channelOf(peer: Peer): Endpoint {
  const listeners = new Map<Listener, (data: unknown) => void>();
  return {
    // Proxies say goodbye when they are collected, which may be after the other process has ended. Calls see its end elsewhere.
    postMessage: (message) => {
      if (peer.connected) peer.send?.(message, undefined, undefined, () => undefined);
    },
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
