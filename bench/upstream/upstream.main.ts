/**
 * Entry of the upstream process: a Responses API that answers at once. In: requests. Out: the answer that the newest prompt asks
 * for. Tells its port over the channel of `fork`, and ends with it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { answerText, wantedDeltas } from './answers.ts';

let answers = 0;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  if (request.method !== 'POST') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"models":[],"data":[]}');
    return;
  }
  answers += 1;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(answerText(`bench_${answers}`, wantedDeltas(Buffer.concat(chunks))));
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
// Servers keep connections between two turns for longer than Node's five seconds.
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : null);
});
process.on('disconnect', () => process.exit());
